package statuspage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/status"
	"allclear/internal/plug"
)

// server is Statuspage as its API shows it. It refuses what Statuspage would.
type server struct {
	t     *testing.T
	mu    sync.Mutex // an answer that is lost orders nothing
	list  []map[string]any
	calls []string // what was written
	lost  int      // so many answers are lost after the work was done
	old   bool     // the newest incidents are all others'
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/pages/kctbh9vrtdwd/incidents")
	if !ok || r.Header.Get("Authorization") != "OAuth "+key {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	answer := any([]any{})
	if r.Method == http.MethodGet {
		switch {
		case rest == "/scheduled" && r.URL.Query().Get("per_page") == "100":
			answer = slices.DeleteFunc(slices.Clone(s.list), func(i map[string]any) bool { return i["scheduled_for"] == nil })
		case rest == "" && !s.old && r.URL.Query().Get("limit") == "100":
			answer = s.list
		}
		if l, ok := answer.([]map[string]any); ok && l == nil {
			answer = []any{}
		}
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	var body struct{ Incident map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.t.Error(err)
	}
	f := body.Incident
	at := slices.IndexFunc(s.list, func(i map[string]any) bool { return rest == "/"+fmt.Sprint(i["id"]) })
	switch {
	case r.Method == http.MethodPost && rest == "":
		s.list, at = append(s.list, map[string]any{"id": fmt.Sprintf("m%d", len(s.list)+1), "impact": "maintenance"}), len(s.list)
	case r.Method != http.MethodPatch || at < 0:
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	i := s.list[at]
	for _, k := range []string{"name", "status", "metadata", "scheduled_for", "scheduled_until"} {
		if f[k] != nil {
			i[k] = f[k]
		}
	}
	from, err1 := time.Parse(time.RFC3339, fmt.Sprint(f["scheduled_for"]))
	until, err2 := time.Parse(time.RFC3339, fmt.Sprint(f["scheduled_until"]))
	if err1 != nil || err2 != nil || !from.Before(until) || !slices.Contains([]any{"scheduled", "in_progress", "verifying", "completed"}, i["status"]) || i["name"] == nil || f["impact_override"] != nil {
		http.Error(w, "{}", http.StatusUnprocessableEntity)
		s.t.Errorf("Statuspage refuses %v", f)
		return
	}
	for _, k := range []string{"scheduled_auto_in_progress", "scheduled_auto_completed", "scheduled_remind_prior", "auto_transition_to_maintenance_state", "auto_transition_to_operational_state", "auto_transition_deliver_notifications_at_start", "auto_transition_deliver_notifications_at_end"} {
		if f[k] != false {
			s.t.Errorf("%s is %v: something would happen there by itself", k, f[k])
		}
	}
	if cs, ok := f["components"].(map[string]any); ok {
		var list []map[string]any
		for id, state := range cs {
			list = append(list, map[string]any{"id": id, "status": state})
		}
		i["components"] = list
	}
	// Its API answers with fractions of a second.
	i["scheduled_for"], i["scheduled_until"] = from.Format("2006-01-02T15:04:05.000Z07:00"), until.Format("2006-01-02T15:04:05.000Z07:00")
	s.calls = append(s.calls, fmt.Sprintf("%s %s %q %s-%s %v tell=%v", r.Method, i["status"], fmt.Sprint(f["body"]), from.Format("15:04"), until.Format("15:04"), componentOf(i), f["deliver_notifications"]))
	if s.lost > 0 {
		s.lost--
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(i)
}

// next forgets what was written, and says what comes.
func (s *server) next(lost int, old bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.lost, s.old = nil, lost, old
}

// state is what was written, and what is there now.
func (s *server) state() (calls []string, list []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls), slices.Clone(s.list)
}

func componentOf(i map[string]any) any {
	cs, _ := i["components"].([]map[string]any)
	if len(cs) != 1 {
		return cs
	}
	return cs[0]["status"]
}

// INT-STATUSPAGE: an announced maintenance is a scheduled incident there, which follows
// each of its updates, its window and its name; nothing is made twice, whatever was lost.
func TestAMaintenanceIsScheduledThere(t *testing.T) {
	day := func(h, m int) time.Time { return time.Date(2026, 3, 2, h, m, 0, 123_000, time.UTC) }
	type turn struct {
		state status.IncidentStatus
		text  string
	}
	work := func(from, until time.Time, component status.ComponentStatus, turns ...turn) *status.Posted {
		p := &status.Posted{ScheduledFor: from, ScheduledUntil: until, Components: []status.Component{{Name: "Sign-in", Status: component}}}
		p.Incident = status.Incident{ID: "work1", Name: "Database upgrade", Impact: status.ImpactNone}
		for n, u := range turns {
			p.Incident.Status = u.state
			p.Incident.Updates = append(p.Incident.Updates, status.Update{ID: fmt.Sprintf("u%d", n), Status: u.state, Body: u.text})
		}
		return p
	}
	const ok, under = status.Operational, status.UnderMaintenance
	soon := turn{status.Scheduled, "Soon."}
	begins := turn{status.InProgress, "It begins."}
	steps := []struct {
		name string
		post *status.Posted
		lost int
		old  bool // announced long ago: other incidents came since
		want []string
	}{
		{name: "announced, and the answer is lost", lost: 1, post: work(day(5, 0), day(6, 0), ok, soon), want: []string{`POST scheduled "Soon." 05:00-06:00 operational tell=true`}},
		{name: "tried again", post: work(day(5, 0), day(6, 0), ok, soon)},
		{name: "moved with a word", post: work(day(7, 0), day(8, 0), ok, soon, turn{status.Scheduled, "Later."}), want: []string{`PATCH scheduled "Later." 07:00-08:00 operational tell=true`}},
		{name: "an older attempt comes last", post: work(day(7, 0), day(8, 0), ok, soon, turn{status.Scheduled, "Later."})},
		{name: "ends later, without a word", old: true, post: work(day(7, 0), day(8, 30), ok, soon, turn{status.Scheduled, "Later."}), want: []string{`PATCH scheduled "<nil>" 07:00-08:30 operational tell=false`}},
		{name: "begun, told of after the announcement was long ago", old: true, lost: 1, post: work(day(7, 0), day(8, 30), under, soon, turn{status.Scheduled, "Later."}, begins), want: []string{`PATCH in_progress "It begins." 07:00-08:30 under_maintenance tell=true`}},
		{name: "two updates to make up for", post: work(day(7, 0), day(8, 30), ok, soon, turn{status.Scheduled, "Later."}, begins, turn{status.Verifying, "We look."}, turn{status.Completed, "Done."}), want: []string{`PATCH verifying "We look." 07:00-08:30 under_maintenance tell=true`, `PATCH completed "Done." 07:00-08:30 operational tell=true`}},
		{name: "and again", post: work(day(7, 0), day(8, 30), ok, soon, turn{status.Scheduled, "Later."}, begins, turn{status.Verifying, "We look."}, turn{status.Completed, "Done."})},
	}
	s := &server{t: t}
	srv := httptest.NewServer(s)
	defer srv.Close()
	ch := opened(t, srv.URL)
	for _, x := range steps {
		s.next(x.lost, x.old)
		r, err := ch.Send(t.Context(), plug.Message{Key: "k", Kind: "message", Posted: x.post})
		if x.lost > 0 {
			if f := plug.FailureOf(err); f == nil || f.Kind == plug.Permanent {
				t.Errorf("%s: %v", x.name, err)
			}
		} else if err != nil || r.ProviderRef != "m1" {
			t.Errorf("%s: %v %v", x.name, r, err)
		}
		if calls, _ := s.state(); !slices.Equal(calls, x.want) {
			t.Errorf("%s: wrote %q, want %q", x.name, calls, x.want)
		}
	}
	if _, list := s.state(); len(list) != 1 {
		t.Errorf("%d incidents there", len(list))
	}
	// Called off before it began.
	s.next(0, false)
	off := work(day(9, 0), day(10, 0), ok, soon, turn{status.Completed, "Called off."})
	off.Incident.ID = "work2"
	_, err := ch.Send(t.Context(), plug.Message{Key: "k", Kind: "message", Posted: off})
	if calls, list := s.state(); err != nil || len(list) != 2 || list[1]["status"] != "completed" {
		t.Errorf("%v %q", err, calls)
	}
}
