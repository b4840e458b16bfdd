package api

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/figures"
	"allclear/internal/edge/api/record"
)

// lasted makes a P1 that is engaged after two minutes and resolved after some more.
func (w *world) lasted(minutes int) string {
	w.t.Helper()
	i := decode[record.Incident](w.as(authz.Responder, "POST", "/incidents", `{"service":"auth","title":"Sign-in fails","severity":"P1"}`).status(http.StatusCreated, "declare"))
	w.now = w.now.Add(2*time.Minute - time.Second) // a step takes one
	w.step(authz.Responder, i.Ref+"/engage", "", http.StatusOK)
	w.now = w.now.Add(time.Duration(minutes-2)*time.Minute - time.Second)
	w.step(authz.Responder, i.Ref+"/resolve", `{"reason":"rolled back"}`, http.StatusOK)
	return i.Ref
}

// kpisOf is GET /kpis over a period of the figures.
func (w *world) kpisOf(role authz.Role, p figures.FigurePeriod) []figures.KPI {
	w.t.Helper()
	q := url.Values{"from": {p.From.Format(time.RFC3339)}, "until": {p.Until.Format(time.RFC3339)}}
	return itemsOf[figures.KPI](w, role, "/kpis?"+q.Encode())
}

// What the screen of figures shows is what GET /kpis says of the same period, for
// each of the twelve and for each point of their course; behind each stand its
// incidents.
//
// Clauses: PLT-CFG-DASH, KPI-MTTRESOLVE
func TestFiguresAreTheKPIs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.lasted(20)
		w.now = w.now.AddDate(0, 1, 0)
		w.lasted(30)
		w.lasted(50)
		f := decode[figures.Figures](w.as(authz.Responder, "GET", "/figures", "").status(http.StatusOK, "figures"))
		want := w.kpisOf(authz.Responder, f.Period)
		if len(f.KPIs) != 12 || len(want) != 12 || len(f.Before) != 5 {
			t.Fatalf("%d figures, %d KPIs, %d periods before", len(f.KPIs), len(want), len(f.Before))
		}
		for i, p := range append(f.Before, f.Period) {
			for k, x := range w.kpisOf(authz.Responder, p) {
				got := f.KPIs[k].Trend[i]
				if !reflect.DeepEqual(got, figures.FigurePoint{Value: x.Value, Count: x.Count, Met: x.Met}) {
					t.Errorf("%s of %s: figures say %+v, kpis %+v", x.ID, p.Name, got, x)
				}
			}
		}
		for k := range want {
			if !reflect.DeepEqual(f.KPIs[k].KPI, want[k]) {
				t.Errorf("figures say %+v, kpis %+v", f.KPIs[k].KPI, want[k])
			}
		}
		r := f.KPIs[3]
		if r.ID != "mttr_resolution" || r.Value == nil || *r.Value != 40 || !*r.Met || r.Count != 2 || r.Trend[4].Value == nil || *r.Trend[4].Value != 20 {
			t.Errorf("%+v", r)
		}
		if len(r.Of) != 2 || r.Of[0].Incident != "INC-3" || r.Of[0].Value != 50 || r.Of[1].Incident != "INC-2" {
			t.Errorf("behind it stand %+v", r.Of)
		}
		if len(f.Services) != 1 || f.Services[0].P1 != 2 || f.Services[0].Lasted != 80*60 || f.Services[0].Over != 2 || len(f.Incidents) != 2 {
			t.Errorf("%+v %+v", f.Services, f.Incidents)
		}
		for _, c := range f.Clocks {
			if c.Clock == "response" && (c.Severity != "P1" || c.Met != 2 || c.Breached != 0) {
				t.Errorf("%+v", c)
			}
		}
	})
}

// A restricted incident moves no figure of whoever may not know of it (reading 18).
func TestFiguresHideWhatIsRestricted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.lasted(30)
		read := func(role authz.Role) figures.Figures {
			return decode[figures.Figures](w.as(role, "GET", "/figures?length=quarter&before=1", "").status(http.StatusOK, "figures"))
		}
		outside := w.as(authz.Stakeholder, "GET", "/figures", "").status(http.StatusOK, "figures").Body.String()
		ref := w.lasted(50)
		w.step(authz.Responder, ref+"/restrict", "", http.StatusOK)
		if again := w.as(authz.Stakeholder, "GET", "/figures", "").status(http.StatusOK, "figures").Body.String(); again != outside {
			t.Errorf("it shows: %s, before %s", again, outside)
		}
		if f := read(authz.Admin); *f.KPIs[3].Value != 40 || f.KPIs[3].Count != 2 || !strings.Contains(f.Period.Name, "-Q") { // of the circle
			t.Errorf("%+v", f.KPIs[3])
		}
		if k := w.kpisOf(authz.Stakeholder, read(authz.Stakeholder).Period)[3]; *k.Value != 30 || k.Count != 1 {
			t.Errorf("%+v", k)
		}
	})
}

func TestFiguresOfNoPeriod(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		for _, q := range []string{"of=2026-13", "of=2026-Q5", "of=x", "before=12", "length=week"} {
			g := w.as(authz.Stakeholder, "GET", "/figures?"+q, "").status(http.StatusUnprocessableEntity, q)
			if !strings.Contains(g.Body.String(), `"location":"query.`) {
				t.Errorf("%s: %s", q, g.Body)
			}
		}
		f := decode[figures.Figures](w.as(authz.Stakeholder, "GET", "/figures?of=2026-Q1&before=0", "").status(http.StatusOK, "quarter"))
		if f.Period.Name != "2026-Q1" || len(f.Before) != 0 || f.KPIs[0].Value != nil || f.KPIs[0].Met != nil {
			t.Errorf("%+v", f.Period)
		}
	})
}
