package app

import (
	"errors"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/flow/intake"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/storetest"
)

// Somebody dismisses an incident while a signal of one of its alerts is counted: the
// alert is found locked and read anew, so that the count is kept and the alert ends.
func TestAnAlertIsClearedWhileASignalIsCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		ks, err := openKeys(dir)
		must(t, err)
		e := NewEngine(db, EngineOptions{Channels: func(string) (plug.Channel, bool) { return outbox.New(), true }, AckKey: ks.ack, Box: ks.box, Workers: 1})
		_, err = e.seedDemo(t.Context(), dir, demoFile{}, smallCompany(), start)
		must(t, err)
		must(t, e.procedureInForce(t.Context(), "", start))
		s := alert.Signal{Source: "generic", Action: alert.Trigger, DedupKey: "disk", Summary: "Disk is full", Severity: "warning"}
		must(t, e.Intake.Accept(t.Context(), intake.Arrival{ServiceID: "api", Source: "generic", Signals: []alert.Signal{s}, Now: start}))

		key := alerts.Key{ServiceID: "api", DedupKey: "disk"}
		counting, release, counted, cleared := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() {
			counted <- db.Update(t.Context(), store.PriorityIntake, func(tx *store.Tx) error {
				found, err := alerts.Find(tx, []alerts.Key{key})
				if err != nil || found[key] == nil {
					return errors.Join(err, errors.New("the alert is not there"))
				}
				found[key].Apply(&s, found[key].Severity, start.Add(time.Minute))
				if err := alerts.Save(tx, []*alert.Alert{found[key]}); err != nil {
					return err
				}
				close(counting)
				<-release
				return nil
			})
		}()
		<-counting
		go func() {
			_, err := e.Command.Dismiss(t.Context(), authz.Actor{ID: "root", Role: authz.Admin}, 1, "a test of the disk", start.Add(time.Minute))
			cleared <- err
		}()
		storetest.Blocked(t, db)
		close(release)
		must(t, <-counted)
		must(t, <-cleared)
		must(t, db.View(t.Context(), func(tx *store.Tx) error {
			inc, err := incidents.ByNumber(tx, 1)
			if err != nil {
				return err
			}
			if inc.Status.Open() || inc.OpenAlerts != 0 {
				t.Errorf("the incident: %s with %d alerts", inc.Status, inc.OpenAlerts)
			}
			found, err := alerts.Of(tx, inc.ID, 2)
			if err == nil && (len(found) != 1 || found[0].Count != 2 || found[0].Status != alert.Resolved || !found[0].ResolvedAt.Equal(start.Add(time.Minute))) {
				t.Errorf("the alert: %+v", found[0])
			}
			return err
		}))
	})
}
