package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/intake"
)

// house makes a company that can have an incident: the built-in procedure, a
// service, a customer, and a person behind each account.
func (w *world) house() {
	w.t.Helper()
	w.activate()
	for _, role := range authz.Roles {
		w.as(authz.Admin, "POST", "/people", fmt.Sprintf(`{"id":%q,"name":"The %s","email":"%s@firm.example","contacts":[{"channel":"sms","address":"+155501000%d","verified":true}]}`, role, role, role, len(role))).status(http.StatusCreated, "person")
	}
	for _, doc := range [][2]string{
		{"/services", `{"id":"auth","name":"Sign-in","restoration_rank":1,"critical_function":true,"products":["login"]}`},
		{"/customers", `{"id":"acme","name":"Acme","tier":"enterprise","vip":true,"region":"us","products":["login"],"contract":{},"contacts":[{"name":"Ops","email":"ops@acme.example"}]}`},
		{"/schedules", `{"id":"primary","time_zone":"UTC","layers":[{"members":["responder"],"start":"2026-01-05T09:00","every":1,"unit":"week"}]}`},
		{"/teams", `{"id":"security","name":"Security","lead":"admin","members":["admin"]}`},
	} {
		w.as(authz.Admin, "POST", doc[0], doc[1]).status(http.StatusCreated, doc[0])
	}
	w.now = w.now.Add(2 * time.Hour) // after the procedure came into force
}

// signal is what a source tells of the service auth.
func (w *world) signal(action alert.Action, key, severity string) {
	w.t.Helper()
	s := []alert.Signal{{Source: "events", Action: action, DedupKey: key, Summary: "sign-in " + key + " fails", Severity: severity}}
	if err := w.intake.AcceptNow(w.t.Context(), intake.Arrival{ServiceID: "auth", Source: "events", Signals: s, Now: w.now}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) incident(role authz.Role, path string) record.Incident {
	w.t.Helper()
	return decode[record.Incident](w.as(role, "GET", "/incidents/"+path, "").status(http.StatusOK, path))
}

// step does something to an incident and returns what it is then.
func (w *world) step(role authz.Role, path, body string, status int) record.Incident {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	g := w.as(role, "POST", "/incidents/"+path, body).status(status, path)
	if status >= 400 {
		return record.Incident{}
	}
	return decode[record.Incident](g)
}

func itemsOf[T any](w *world, role authz.Role, path string) []T {
	w.t.Helper()
	return decode[route.List[T]](w.as(role, "GET", path, "").status(http.StatusOK, path)).Items
}

// From the first alert to the end, by the interface alone.
// Clauses: RSP-S1-ACK, RSP-S2-SEV
func TestCourseOfAnIncident(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.signal(alert.Trigger, "k1", "critical")

		list := itemsOf[record.IncidentSummary](w, authz.Stakeholder, "/incidents?status=open&severity=P1,P2&service=auth")
		if len(list) != 1 || list[0].Ref != "INC-1" || list[0].Severity != "P1" || list[0].Status != "triage" || list[0].Declared || list[0].Service.Name != "Sign-in" ||
			list[0].NextDeadline == nil || list[0].Affected.Customers != 1 || list[0].OpenAlerts != 1 {
			t.Fatalf("%+v", list)
		}
		for _, ref := range []string{"INC-1", "1", "inc-1"} {
			if i := w.incident(authz.Auditor, ref); i.Number != 1 || len(i.Allowed) != 0 || i.Affected.VIP != 1 || i.Procedure.Version != "3.2" {
				t.Errorf("%s: %+v", ref, i)
			}
		}
		for _, ref := range []string{"INC-2", "2", "01", "-1", "INC-", "x", "1e0", "99999999999999999999"} {
			w.as(authz.Responder, "GET", "/incidents/"+ref, "").status(http.StatusNotFound, ref)
		}
		alerts := itemsOf[record.Alert](w, authz.Stakeholder, "/alerts?status=triggered&incident=INC-1")
		if len(alerts) != 1 || alerts[0].Count != 2 || alerts[0].Incident != "INC-1" || alerts[0].DedupKey != "k1" {
			t.Fatalf("%+v", alerts)
		}
		one := decode[record.Alert](w.as(authz.Stakeholder, "GET", "/alerts/"+alerts[0].ID, "").status(http.StatusOK, "alert"))
		if one.ID != alerts[0].ID || !slices.EqualFunc(itemsOf[record.Alert](w, authz.Stakeholder, "/incidents/1/alerts"), alerts, func(a, b record.Alert) bool { return a.ID == b.ID }) {
			t.Errorf("%+v", one)
		}
		pages := itemsOf[record.PageCall](w, authz.Stakeholder, "/incidents/1/pages")
		if len(pages) != 1 || pages[0].To != "responder" || pages[0].ToName != "The responder" || pages[0].Step != 1 || len(pages[0].Deliveries) == 0 {
			t.Fatalf("%+v", pages)
		}
		if d := pages[0].Deliveries[0]; strings.Contains(d.Address, "@") || strings.Contains(d.Address, "+1555") || d.Body != "" {
			t.Errorf("a stakeholder reads %+v", d)
		}

		w.step(authz.Stakeholder, "1/acknowledge", "", http.StatusForbidden)
		i := w.step(authz.Responder, "INC-1/acknowledge", "", http.StatusOK)
		if i.AcknowledgedBy == nil || i.AcknowledgedBy.Name != "The responder" || i.Declared || i.Roles["incident_commander"].ID != "responder" {
			t.Errorf("acknowledged: %+v", i)
		}
		w.step(authz.Admin, "1/acknowledge", "{}", http.StatusOK) // again, by another: nothing changes
		i = w.step(authz.Responder, "1/engage", "", http.StatusOK)
		if !i.Declared || i.Status != "investigating" || i.AcknowledgedBy.ID != "responder" || len(i.Responders) != 1 || slices.Contains(i.Allowed, "confirm") || !slices.Contains(i.Allowed, "resolve") {
			t.Errorf("engaged: %+v", i)
		}
		w.step(authz.Responder, "1/notes", `{"text":"a deploy at three","at":"2026-03-02T03:00:00Z"}`, http.StatusCreated)
		w.step(authz.Responder, "1/roles", `{"role":"scribe","person":"admin"}`, http.StatusOK)
		i = w.step(authz.Responder, "1/roles", `{"role":"commander","person":"admin"}`, http.StatusOK)
		if i.Roles["incident_commander"].Name != "The admin" || i.Roles["scribe"].ID != "admin" {
			t.Errorf("%+v", i.Roles)
		}
		w.step(authz.Responder, "1/responders", `{"state":"unavailable"}`, http.StatusOK)
		if rs := itemsOf[record.Responder](w, authz.Auditor, "/incidents/1/responders"); len(rs) != 1 || rs[0].State != "unavailable" || rs[0].Name != "The responder" {
			t.Errorf("%+v", rs)
		}
		ds := map[string]record.Deadline{}
		for _, d := range itemsOf[record.Deadline](w, authz.Stakeholder, "/incidents/1/deadlines?limit=500") {
			ds[d.Clock] = d
		}
		if ack := ds["acknowledge"]; ack.State != "met" || len(ack.Clauses) == 0 || ack.Evidence.Actor != "responder" || ds["resolution"].State != "pending" || ds["response"].State != "met" {
			t.Errorf("%+v", ds)
		}
		preview := decode[SeverityPreview](w.as(authz.Responder, "GET", "/incidents/1/severity-preview?to=P2", "").status(http.StatusOK, "preview"))
		if preview.Duration <= 0 || len(preview.Clocks) == 0 {
			t.Errorf("%+v", preview)
		}
		w.as(authz.Responder, "POST", "/incidents/1/severity", `{"to":"P2"}`).status(http.StatusUnprocessableEntity, "lower without a reason").problem("body.reason")
		i = w.step(authz.Responder, "1/severity", `{"to":"P2","reason":"one region only"}`, http.StatusOK)
		if i.Severity != "P2" || i.Highest != "P1" {
			t.Errorf("%+v", i)
		}
		w.step(authz.Responder, "1/escalate", `{"to":"admin","text":"please look"}`, http.StatusCreated)
		w.step(authz.Responder, "1/escalate", `{"to":["schedule:primary"],"text":"we need two"}`, http.StatusCreated)
		w.step(authz.Responder, "1/mitigate", "", http.StatusOK)
		w.end(t)
	})
}

// end resolves the incident of the course: gates first, then with a reason.
func (w *world) end(t *testing.T) {
	t.Helper()
	var gates []record.Task
	for _, l := range itemsOf[record.Checklist](w, authz.Stakeholder, "/incidents/1/checklists") {
		if l.Name == "" || l.Name == l.Phase {
			t.Errorf("phase %q is called %q", l.Phase, l.Name)
		}
		for _, task := range l.Items {
			if task.Incident != "INC-1" {
				t.Errorf("%+v", task)
			}
			if task.Gate == "resolve" && task.State == "open" {
				gates = append(gates, task)
			}
		}
	}
	if len(gates) < 2 {
		t.Fatalf("%d gates", len(gates))
	}
	done := decode[record.Task](w.as(authz.Responder, "POST", "/tasks/"+gates[0].ID+"/done", `{"evidence":"ran them"}`).status(http.StatusOK, "done"))
	if done.State != "done" || done.Evidence != "ran them" || done.DoneName != "The responder" {
		t.Errorf("%+v", done)
	}
	w.as(authz.Responder, "POST", "/tasks/"+gates[0].ID+"/skip", `{"reason":"no"}`).status(http.StatusConflict, "done already")
	w.as(authz.Responder, "POST", "/tasks/"+gates[1].ID+"/skip", `{}`).status(http.StatusUnprocessableEntity, "without a reason")

	p := w.as(authz.Responder, "POST", "/incidents/1/resolve", "").status(http.StatusConflict, "gates").problem("gates")
	var told []string
	for _, e := range p.Errors {
		told = append(told, e.Location+" "+e.Message)
	}
	if all := strings.Join(told, "\n"); !strings.Contains(all, gates[1].Title) || strings.Contains(all, gates[0].ID) || !strings.Contains(all, "alerts ") {
		t.Errorf("the list of gates: %s", all)
	}
	w.as(authz.Responder, "POST", "/incidents/1/resolve", `{"reason":"over","resolved_at":"2099-01-01T00:00:00Z"}`).status(http.StatusUnprocessableEntity, "in the future")
	i := w.step(authz.Responder, "1/resolve", `{"reason":"rolled back"}`, http.StatusOK)
	if i.Status != "resolved" || i.Reason != "rolled back" || i.OpenAlerts != 0 || i.NextDeadline != nil || i.ResolvedAt.IsZero() {
		t.Errorf("resolved: %+v", i)
	}
	w.step(authz.Responder, "1/resolve", `{"reason":"again"}`, http.StatusConflict)
	w.step(authz.Responder, "1/close", "", http.StatusConflict) // a P1 wants its review first
	if past := itemsOf[record.IncidentSummary](w, authz.Stakeholder, "/incidents?status=resolved,closed"); len(past) != 1 {
		t.Errorf("%+v", past)
	}
	if left := itemsOf[record.IncidentSummary](w, authz.Stakeholder, "/incidents?status=open"); len(left) != 0 {
		t.Errorf("%+v", left)
	}

	var kinds []string
	seen, path := map[string]bool{}, "/incidents/1/timeline?limit=7"
	for cursor := ""; ; {
		page := decode[route.List[record.TimelineEntry]](w.as(authz.Auditor, "GET", path+cursor, "").status(http.StatusOK, "timeline"))
		for _, e := range page.Items {
			if seen[e.ID] {
				t.Errorf("%s comes twice", e.ID)
			}
			seen[e.ID] = true
			kinds = append(kinds, string(e.Kind))
		}
		if cursor = "&cursor=" + page.NextCursor; page.NextCursor == "" {
			break
		}
	}
	for _, want := range []string{"alert.triggered", "incident.opened", "incident.acknowledged", "incident.declared", "incident.noted", "incident.severity", "incident.mitigated", "task.done", "task.skipped", "incident.resolved"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("the timeline lacks %s: %v", want, kinds)
		}
	}
}

// A person declares by hand: confirmed at once, with what is missing said field
// by field.
func TestDeclare(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		g := w.as(authz.Stakeholder, "POST", "/incidents", `{"title":"Everything is slow","service":"auth","severity":"P2","regions":["us"]}`).status(http.StatusCreated, "declare")
		i := decode[record.Incident](g)
		if !i.Declared || i.Status != "investigating" || i.Severity != "P2" || i.DeclaredBy == nil || i.DeclaredBy.ID != "stakeholder" || g.Header().Get("ETag") == "" {
			t.Errorf("%+v", i)
		}
		p := w.as(authz.Responder, "POST", "/incidents", `{"title":"x","service":"nope"}`).status(http.StatusUnprocessableEntity, "incomplete").problem("incomplete")
		var where []string
		for _, e := range p.Errors {
			where = append(where, e.Location)
		}
		if !slices.Equal(where, []string{"body.service", "body.severity"}) {
			t.Errorf("%v", p.Errors)
		}
		for what, body := range map[string]string{
			"no body": "", "unknown field": `{"title":"x","service":"auth","severity":"P1","who":"me"}`, "severity": `{"title":"x","service":"auth","severity":"P9"}`,
			"types": `{"title":7,"service":"auth","severity":"P1"}`, "flag": `{"title":"x","service":"auth","severity":"P1","flags":["nonsense"]}`,
		} {
			if g := w.as(authz.Responder, "POST", "/incidents", body); g.Code < 400 || g.Code >= 500 {
				t.Errorf("%s: %d", what, g.Code)
			}
		}
		w.as(authz.Auditor, "POST", "/incidents", `{"title":"x","service":"auth","severity":"P1"}`).status(http.StatusForbidden, "auditor")
		for _, q := range []string{"status=over", "severity=P7", "severity=P1,", "limit=0", "limit=501", "cursor=!", "nonsense=1"} {
			if g := w.as(authz.Responder, "GET", "/incidents?"+q, ""); g.Code < 400 || g.Code >= 500 {
				t.Errorf("%s: %d", q, g.Code)
			}
		}
	})
}

// Pages of the list neither lose nor repeat an incident.
func TestIncidentPages(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		for n := range 5 {
			body := fmt.Sprintf(`{"title":"number %d","service":"auth","severity":"P3","restricted":%v}`, n+1, n%2 == 1)
			w.as(authz.Responder, "POST", "/incidents", body).status(http.StatusCreated, "declare")
		}
		for role, want := range map[authz.Role][]int64{authz.Responder: {5, 4, 3, 2, 1}, authz.Stakeholder: {5, 3, 1}} {
			var got []int64
			for cursor := ""; ; {
				page := decode[route.List[record.IncidentSummary]](w.as(role, "GET", "/incidents?limit=2"+cursor, "").status(http.StatusOK, "page"))
				for _, i := range page.Items {
					got = append(got, i.Number)
				}
				if page.NextCursor == "" {
					break
				}
				if len(page.Items) != 2 {
					t.Errorf("%s: a page of %d", role, len(page.Items))
				}
				cursor = "&cursor=" + page.NextCursor
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", role, got, want)
			}
		}
	})
}

// The tag names the state and not the moment; with it, a change is refused
// after somebody else's.
func TestIncidentTag(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		first := w.as(authz.Responder, "GET", "/incidents/1", "").status(http.StatusOK, "read")
		tag := first.Header().Get("ETag")
		w.now = w.now.Add(3 * time.Second)
		w.as(authz.Responder, "GET", "/incidents/1", "", header("If-None-Match", tag)).status(http.StatusNotModified, "nothing happened")
		again := decode[record.Incident](w.as(authz.Responder, "GET", "/incidents/1", "").status(http.StatusOK, "read"))
		if again.Downtime != decode[record.Incident](first).Downtime+3 {
			t.Errorf("downtime %d", again.Downtime)
		}
		w.as(authz.Responder, "POST", "/incidents/1/acknowledge", "", header("If-Match", `"other"`)).status(http.StatusPreconditionFailed, "another state")
		w.as(authz.Responder, "POST", "/incidents/1/acknowledge", "", header("If-Match", tag)).status(http.StatusOK, "the state")
		w.as(authz.Responder, "POST", "/incidents/1/severity", `{"to":"P2","reason":"r"}`, header("If-Match", tag)).status(http.StatusPreconditionFailed, "changed since")
		w.as(authz.Responder, "GET", "/incidents/1", "", header("If-None-Match", tag)).status(http.StatusOK, "changed")
		// Once is once, also for a repeated key.
		a := w.as(authz.Responder, "POST", "/incidents/1/notes", `{"text":"n"}`, header("Idempotency-Key", "k")).status(http.StatusCreated, "note")
		b := w.as(authz.Responder, "POST", "/incidents/1/notes", `{"text":"n"}`, header("Idempotency-Key", "k")).status(http.StatusCreated, "note again")
		notes := 0
		for _, e := range itemsOf[record.TimelineEntry](w, authz.Responder, "/incidents/1/timeline?limit=500") {
			if e.Kind == "incident.noted" {
				notes++
			}
		}
		if notes != 1 || a.Body.String() != b.Body.String() {
			t.Errorf("%d notes", notes)
		}
	})
}

// Alerts go to an incident of their own and back into another.
func TestSplitAndMerge(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.signal(alert.Trigger, "k2", "critical")
		alerts := itemsOf[record.Alert](w, authz.Responder, "/incidents/1/alerts")
		if len(alerts) != 2 {
			t.Fatalf("%+v", alerts)
		}
		w.step(authz.Responder, "1/split", `{"alerts":["nonsense"]}`, http.StatusUnprocessableEntity)
		w.step(authz.Responder, "1/split", `{"alerts":["`+absent+`"]}`, http.StatusUnprocessableEntity)
		i := w.step(authz.Responder, "1/split", `{"alerts":["`+alerts[0].ID+`"],"title":"another thing"}`, http.StatusCreated)
		if i.Number != 2 || i.Title != "another thing" || i.Alerts.Total != 1 || w.incident(authz.Responder, "1").Alerts.Open != 1 {
			t.Errorf("%+v", i)
		}
		w.step(authz.Responder, "2/merge", `{"into":"INC-9"}`, http.StatusNotFound)
		w.step(authz.Responder, "2/merge", `{"into":2}`, http.StatusConflict)
		i = w.step(authz.Responder, "2/merge", `{"into":"INC-1"}`, http.StatusOK)
		if i.Status != "closed" || i.MergedInto != "INC-1" || w.incident(authz.Responder, "1").Alerts.Open != 2 {
			t.Errorf("%+v", i)
		}
	})
}

// A suspicion that was nothing.
// Clauses: RSP-S1-VALID
func TestDismiss(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.step(authz.Responder, "1/dismiss", `{}`, http.StatusUnprocessableEntity)
		w.step(authz.Responder, "1/dismiss", `{"reason":" "}`, http.StatusUnprocessableEntity)
		i := w.step(authz.Responder, "1/dismiss", `{"reason":"a test"}`, http.StatusOK)
		if !i.FalsePositive || i.Status != "closed" || i.Reason != "a test" {
			t.Errorf("%+v", i)
		}
	})
}

// What is snoozed shows until when, by whom and why, and can be woken before.
//
// Clauses: PLT-CFG-POL
func TestSnoozeAndWake(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.step(authz.Responder, "1/acknowledge", "", http.StatusOK)
		w.step(authz.Responder, "1/wake", "", http.StatusConflict)
		w.step(authz.Stakeholder, "1/snooze", `{"for":"1h"}`, http.StatusForbidden)
		w.step(authz.Responder, "1/snooze", `{"for":"1bh"}`, http.StatusUnprocessableEntity)
		w.step(authz.Responder, "1/snooze", `{"for":"4m"}`, http.StatusUnprocessableEntity)
		i := w.step(authz.Responder, "1/snooze", `{"for":"1h","reason":" the vendor calls back at four "}`, http.StatusOK)
		if i.SnoozedBy == nil || i.SnoozedBy.ID != "responder" || !i.SnoozedUntil.Equal(w.now.Add(time.Hour)) || !slices.Contains(i.Allowed, "wake") {
			t.Errorf("snoozed: %+v", i)
		}
		all := itemsOf[record.TimelineEntry](w, authz.Responder, "/incidents/1/timeline?limit=500")
		said := slices.IndexFunc(all, func(e record.TimelineEntry) bool { return e.Kind == "incident.snoozed" })
		if said < 0 || all[said].Text != "snoozed for 1h by The responder: the vendor calls back at four" {
			t.Errorf("the timeline does not say why: %+v", all)
		}
		w.step(authz.Stakeholder, "1/wake", "", http.StatusForbidden)
		i = w.step(authz.Responder, "1/wake", "", http.StatusOK)
		if !i.SnoozedUntil.IsZero() || !i.AcknowledgedAt.IsZero() || slices.Contains(i.Allowed, "wake") || !slices.Contains(i.Allowed, "acknowledge") {
			t.Errorf("woken: %+v", i)
		}
	})
}
