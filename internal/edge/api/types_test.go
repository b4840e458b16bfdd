package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/record"
	"allclear/internal/flow/board"
)

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The fields others rely on have these names and forms, and a list is never
// null.
func TestShapesOthersRelyOn(t *testing.T) {
	now := start.Add(time.Hour)
	n := board.NamesOf(catalog.New(1, catalog.Person{ID: "ana", Name: "Ana"}, catalog.Service{ID: "auth", Name: "Authentication"}))
	inc := &incident.Incident{
		ID: 7, Number: 42, ServiceID: "auth", Title: "Sign-in fails", Status: incident.Investigating, Severity: procedure.P1,
		DetectedAt: start, DeclaredAt: start.Add(time.Minute), Declared: true, AcknowledgedBy: "ana", Roles: map[string]string{incident.Commander: "ana", incident.Scribe: ""},
	}
	due := &board.Clock{Name: "Acknowledge", Deadline: &deadline.Deadline{ID: 8, Clock: "acknowledge", State: deadline.Pending, DueAt: now, Severity: procedure.P1}}
	for what, tt := range map[string]struct {
		v    any
		want []string
	}{
		"incident": {record.IncidentOf(board.Whole{Item: board.Item{Incident: inc, Next: due}, Names: n}, now), []string{
			`"id":"0000000000007"`, `"number":42`, `"ref":"INC-42"`, `"severity":"P1"`, `"status":"investigating"`, `"title":"Sign-in fails"`, `"declared_at":"2026-03-02T03:01:00Z"`,
			`"service":{"id":"auth","name":"Authentication"}`, `"roles":{"incident_commander":{"id":"ana","name":"Ana"}}`, `"responders":[]`, `"flags":[]`, `"allowed_actions":[]`,
			`"downtime_seconds":3600`, `"next_deadline":{`, `"name":"Acknowledge"`,
		}},
		"triage":    {record.SummaryOf(board.Item{Incident: &incident.Incident{Severity: procedure.P3, Status: incident.Triage, ServiceID: "x"}}, board.Names{}), []string{`"service":{"id":"x","name":"x"}`, `"declared":false`, `"roles":{}`}},
		"deadline":  {record.DeadlineOf(due), []string{`"clock":"acknowledge"`, `"state":"pending"`, `"due_at":"2026-03-02T04:00:00Z"`, `"clauses":[]`, `"name":"Acknowledge"`}},
		"page":      {record.PageOf(board.Trail{Page: &message.Page{To: "ana", Channel: "sms", State: message.PageSent, Step: 1, At: start}}, n, false), []string{`"to":"ana"`, `"channel":"sms"`, `"state":"sent"`, `"step":1`, `"at":"2026-03-02T03:00:00Z"`, `"deliveries":[]`}},
		"alert":     {record.AlertOf(&alert.Alert{ID: 9, Status: alert.Triggered, DedupKey: "k", Severity: procedure.P2, Summary: "s", Count: 3, Details: `{"links":[{"href":"https://x"}]}`}, board.Page[*alert.Alert]{Names: n}), []string{`"id":"0000000000009"`, `"status":"triggered"`, `"dedup_key":"k"`, `"severity":"P2"`, `"summary":"s"`, `"count":3`, `"links":[{"href":"https://x"}]`}},
		"confirmed": {record.DeliveryOf(&message.Delivery{Kind: message.KindPage, State: message.Accepted, Confirmation: message.ConfirmedFailed, ConfirmedAt: now}, "", false), []string{`"state":"sent"`, `"confirmation":"failed"`, `"confirmed_at":"2026-03-02T04:00:00Z"`}},
		"entry":     {record.EntryOf(event.Event{Kind: event.Acknowledged, Actor: "ana", At: start, RecordedAt: now}, n), []string{`"actor_name":"Ana"`, `"recorded_at":"2026-03-02T04:00:00Z"`}},
		"lists":     {record.ChecklistsOf([]record.Task{record.TaskOf(board.TaskItem{Task: &checklist.Task{Phase: "RES", Title: "a", State: checklist.Open, DueAt: start}, Gate: "resolve", People: []string{"ana"}}, board.Page[board.TaskItem]{Names: n}, now), record.TaskOf(board.TaskItem{Task: &checklist.Task{Phase: "RES", Title: "b"}}, board.Page[board.TaskItem]{}, now)}), []string{`[{"phase":"RES","name":"Restoration","items":[{`, `"owner_people":[{"id":"ana","name":"Ana"}]`, `"late":true`, `"gate":"resolve"`}},
	} {
		got := text(t, tt.v)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s has no %s: %s", what, want, got)
			}
		}
		if strings.Contains(got, "null") {
			t.Errorf("%s says null: %s", what, got)
		}
	}
}

// Who may not read the audit log sees enough of an address to know it, and no
// text.
func TestAddressesAreCut(t *testing.T) {
	d := &message.Delivery{Address: "+15551234567", Body: "code 4711", Channel: "sms"}
	if got := text(t, record.DeliveryOf(d, "", false)); strings.Contains(got, "555123") || strings.Contains(got, "4711") || !strings.Contains(got, "…4567") {
		t.Errorf("cut: %s", got)
	}
	if got := text(t, record.DeliveryOf(d, "", true)); !strings.Contains(got, d.Address) || !strings.Contains(got, d.Body) {
		t.Errorf("in full: %s", got)
	}
	if got := record.Shortened("abc"); got != "…" {
		t.Errorf("a short address is %s", got)
	}
}
