package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/ladder"
	"allclear/internal/edge/api/route"
	builtin "allclear/procedures"
)

// activate makes two versions, the second one in force.
func (w *world) activate() {
	w.t.Helper()
	root := w.who(authz.Admin).Actor
	for i, text := range [][]byte{bytes.Replace(builtin.TechFlow, []byte(`"3.2"`), []byte(`"3.1"`), 1), builtin.TechFlow} {
		if _, err := w.api.opt.Procedures.Activate(w.t.Context(), root, text, w.now.Add(time.Duration(i)*time.Hour)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestProcedure(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "GET", "/procedure", "").status(http.StatusConflict, "none in force")
		w.activate()
		doc := decode[ProcedureDocument](w.as(authz.Auditor, "GET", "/procedure", "").status(http.StatusOK, "the one in force"))
		if !doc.Active || doc.Version != "3.2" || doc.Source != string(builtin.TechFlow) || !strings.Contains(doc.Reading, "Severities") || doc.Document.Title == "" || len(doc.Clocks) < 5 || len(doc.Levels) != 3 || len(doc.Chain.Steps) != 5 {
			t.Errorf("%+v", doc.ProcedureVersion)
		}
		// WAR-IC-COORD: the console shows the holder of a role its duties.
		if len(doc.Roles) != 4 || doc.Roles[0].ID != "incident_commander" || len(doc.Roles[0].Duties) != 4 || doc.Roles[0].Duties[0].Clause != "WAR-IC-COORD" {
			t.Errorf("%+v", doc.Roles)
		}
		codes := map[string]string{}
		for _, f := range doc.Findings {
			codes[f.Code] = f.Severity
		}
		// The catalogue is empty: the schedules the chain pages are not there.
		if codes["chain-late"] != "warning" || codes["review-overdue"] != "warning" || len(codes) < 4 {
			t.Errorf("%v", codes)
		}
		list := decode[route.List[ProcedureVersion]](w.as(authz.Stakeholder, "GET", "/procedure/versions?limit=1", "").status(http.StatusOK, "versions"))
		if len(list.Items) != 1 || list.Items[0].Hash != doc.Hash || list.NextCursor == "" {
			t.Errorf("%+v", list)
		}
		list = decode[route.List[ProcedureVersion]](w.as(authz.Stakeholder, "GET", "/procedure/versions?limit=1&cursor="+list.NextCursor, "").status(http.StatusOK, "more"))
		if len(list.Items) != 1 || list.Items[0].Version != "3.1" || list.Items[0].Active || list.NextCursor != "" {
			t.Errorf("%+v", list)
		}
		old := decode[ProcedureDocument](w.as(authz.Responder, "GET", "/procedure/versions/"+list.Items[0].Hash, "").status(http.StatusOK, "an old one"))
		if old.Version != "3.1" || old.Active {
			t.Errorf("%+v", old.ProcedureVersion)
		}
		w.as(authz.Responder, "GET", "/procedure/versions/ffff", "").status(http.StatusNotFound, "none")
	})
}

func TestEscalationPolicies(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.activate()
		list := decode[route.List[ladder.EscalationPolicy]](w.as(authz.Responder, "GET", "/escalation-policies", "").status(http.StatusOK, "policies"))
		if len(list.Items) != 2 || list.Items[0].ID != "P1" || list.Items[1].ID != "P2" {
			t.Fatalf("%+v", list)
		}
		p1 := decode[ladder.EscalationPolicy](w.as(authz.Responder, "GET", "/escalation-policies/P1", "").status(http.StatusOK, "P1"))
		var steps []string
		for _, s := range p1.Steps {
			steps = append(steps, s.Clause+" "+s.After.String()+" "+s.Target+" "+s.While)
		}
		want := []string{
			"ESC-CHAIN-1 0s schedule:primary always", "ESC-CHAIN-2 10m schedule:secondary unacknowledged", "ESC-CHAIN-3 20m manager:area unacknowledged",
			"ESC-CHAIN-4 30m role:director-platform-operations unresolved", "ESC-CHAIN-5 45m role:vp-engineering unresolved",
		}
		if strings.Join(steps, "\n") != strings.Join(want, "\n") || p1.RepeatEvery.Duration != 10*time.Minute || len(p1.Levels) != 3 {
			t.Errorf("%s\n%+v", strings.Join(steps, "\n"), p1)
		}
		if p2 := list.Items[1]; len(p2.Steps) != 4 || p2.Steps[3].Else != "notice" {
			t.Errorf("%+v", p2)
		}
		w.as(authz.Responder, "GET", "/escalation-policies/P3", "").status(http.StatusNotFound, "P3 pages nobody")
	})
}
