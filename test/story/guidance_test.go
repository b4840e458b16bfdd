package story_test

import (
	"testing"
	"time"

	"allclear/test/story"
)

// What people do is asked of somebody by name, with a time box that is counted
// from detection, and it ends with evidence.
//
// Clauses: RSP-S1-VALID, RSP-S2-SEV, RSP-S2-DOC, RSP-S3-NOTIFY, INV-TRI, INV-RCA, INV-SOL, INV-TRI-DEPLOY, INV-TRI-METRICS, INV-TRI-LOGS, INV-RCA-HYP, INV-RCA-REPRO, INV-RCA-DB, INV-RCA-NET, INV-RCA-SEC, INV-SOL-OPTIONS, INV-SOL-RISK, INV-SOL-TEST, INV-SOL-PLAN
// Clauses: WAR-IC-COORD, WAR-IC-RES, WAR-TL-FIX, WAR-TL-COORD, WAR-TL-DECIDE, WAR-CCL-NOTIFY, WAR-CCL-STATUS, WAR-CCL-COORD, WAR-SCR-TIMELINE, WAR-VIRT-SHARE
// Reading 7
func TestWhatPeopleDoIsAskedWithATimeBox(t *testing.T) {
	boxes := map[time.Duration][]string{
		3 * min:  {"RSP-S1-VALID"},
		8 * min:  {"RSP-S2-SEV", "RSP-S2-DOC"},
		15 * min: {"RSP-S3-NOTIFY", "INV-TRI", "INV-TRI-DEPLOY", "INV-TRI-METRICS", "INV-TRI-LOGS"},
		45 * min: {"INV-RCA", "INV-RCA-HYP", "INV-RCA-REPRO", "INV-RCA-DB", "INV-RCA-NET", "INV-RCA-SEC"},
		90 * min: {"INV-SOL", "INV-SOL-OPTIONS", "INV-SOL-RISK", "INV-SOL-TEST", "INV-SOL-PLAN"},
		12 * min: {"WAR-IC-COORD", "WAR-IC-RES", "WAR-VIRT-SHARE"}, // of the declaration at 2 min
		17 * min: {"WAR-TL-FIX", "WAR-TL-COORD", "WAR-TL-DECIDE", "WAR-CCL-NOTIFY", "WAR-CCL-STATUS", "WAR-CCL-COORD", "WAR-SCR-TIMELINE"},
	}
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * min)
		w.Confirm("ana")
		for due, clauses := range boxes {
			for _, c := range clauses {
				found := w.Tasks(c)
				if len(found) == 0 {
					w.Errorf("nobody is asked for %s", c)
					continue
				}
				if task := found[0]; task.Owner == "" || task.DueAt.Sub(w.Incident().DetectedAt) != due {
					w.Errorf("%s: %q is asked of %q until %s, want until %s", c, task.Title, task.Owner, task.DueAt.Sub(w.Incident().DetectedAt), due)
				}
			}
		}
	})
}

// Moments end the tasks that waited for them, with the moment as evidence.
//
// Clauses: RSP-S1-ACK, WAR-IC-COORD
func TestAMomentEndsItsTask(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(1 * min)
		w.Ack("ana")
		for _, task := range w.Tasks("RSP-S1-ACK") {
			if task.State != "done" || task.Evidence == "" {
				w.Errorf("%q is %s, %q", task.Title, task.State, task.Evidence)
			}
		}
		w.Confirm("ana")
		for _, task := range w.Tasks("WAR-IC-COORD") {
			if task.State != "done" {
				w.Errorf("%q is %s although ana commands", task.Title, task.State)
			}
		}
	})
}
