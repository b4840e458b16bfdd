package story

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
	"allclear/internal/flow/command"
	"allclear/internal/plug/slack"
	"allclear/internal/store"
)

// withSlack sets up a workspace in which ana and bo have users.
func (w *World) withSlack() *Slack {
	w.Helper()
	users := map[string]string{}
	for i, id := range []string{"ana", "bo"} {
		users[w.personOf(person(id)).Email] = "U00" + string(rune('1'+i))
	}
	s := NewSlack(func() time.Time { return *w.wall.Load() }, users)
	srv := httptest.NewServer(s)
	w.Cleanup(srv.Close)
	w.Cleanup(func() { close(s.hold) })
	w.Sets(slack.Plugin(), map[string]string{"bot_token": slackToken, "signing_secret": slackSecret, "base_url": srv.URL})
	return s
}

func (w *World) personOf(id string) (p catalog.Person) {
	w.Helper()
	for _, e := range company(customers) {
		if e.Kind() == catalog.KindPerson && e.Key() == id {
			p, _ = e.(catalog.Person)
		}
	}
	if p.ID == "" {
		w.Fatalf("there is no person %s", id)
	}
	return p
}

// taskState is where the task of a rule stands.
func (w *World) taskState(rule, clause string) string {
	w.Helper()
	for _, t := range w.Tasks(clause) {
		if t.Rule == rule {
			return string(t.State)
		}
	}
	return "none"
}

// A declared P1 has its channel within seconds: made, with a topic, the people of the
// service's team and who is on call invited, a summary pinned; it learns of each
// change and is archived at the close. The task ends by itself.
//
// Clauses: RSP-S3-CHAN, PLT-RT-SLACK, WAR-SCOPE
func TestAP1HasItsChannel(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Alert("auth", "critical", "Sign-in fails for all users: Größe > 5")
		if len(s.Names()) != 0 {
			w.Fatalf("a suspicion has a channel: %v", s.Names())
		}
		w.After(2 * time.Minute)
		w.Engage("ana")
		w.After(5 * time.Second)
		c := s.Channel("inc-")
		if c == nil || c.Name != "inc-20260302-001-sign-in-fails-for-all-users-groesse-5" || c.Private {
			w.Fatalf("channel %+v of %v", c, s.Names())
		}
		if !strings.HasPrefix(c.Topic, "INC-1 | P1 | investigating | commander: Ana") {
			w.Errorf("topic %q", c.Topic)
		}
		for _, u := range []string{"U001", "U002"} {
			if !slices.Contains(c.Members, u) {
				w.Errorf("%s is not in the channel: %v", u, c.Members)
			}
		}
		if len(c.Pins) != 1 || c.Posts[0].TS != c.Pins[0] || !strings.Contains(c.Posts[0].Raw, "allclear_do_join") || !strings.Contains(c.Posts[0].Raw, "https://allclear.example/incidents/INC-1") {
			w.Errorf("pinned %v of %+v", c.Pins, c.Posts[0])
		}
		p := w.Part(room.Chat)
		if p.State != room.Open || p.Ref != c.ID || p.URL == "" || p.Problem != "" {
			w.Errorf("part %+v", p)
		}
		if got := w.taskState("step3-channel", "RSP-S3-CHAN"); got != "done" {
			w.Errorf("the task to open the channel is %s", got)
		}
		w.Severity(procedure.P2, "one region only")
		w.Hand("scribe", "bo")
		w.Resolve("fixed")
		w.After(10 * time.Second)
		c = s.Channel("inc-")
		var said []string
		for _, p := range c.Posts[1:] {
			said = append(said, p.Text)
		}
		all := strings.Join(said, "\n")
		for _, want := range []string{"Severity P1 is now P2: one region only", "Scribe: Bo", "Resolved: fixed"} {
			if !strings.Contains(all, want) {
				w.Errorf("not said: %q in\n%s", want, all)
			}
		}
		if !strings.Contains(c.Posts[0].Text, "P2 INC-1") || !strings.Contains(c.Posts[0].Text, "Status: resolved") || strings.Contains(c.Posts[0].Raw, "allclear_do_join") {
			w.Errorf("the summary is old: %s", c.Posts[0].Raw)
		}
		if c.Archived {
			w.Error("archived before the close")
		}
		if len(s.Wrong()) > 0 {
			w.Errorf("Slack would have refused: %v", s.Wrong())
		}
	})
}

// A P2 gets the virtual room and no conference room, a P3 none; its severity raised,
// it gets one.
//
// Clauses: WAR-SCOPE
func TestWhichRoomASeverityGets(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Declare(Declaration{Service: "reporting", Title: "Reports are late", Severity: procedure.P3})
		w.After(time.Minute)
		if got := w.Rooms().Parts; len(got) != 0 || len(s.Names()) != 0 {
			w.Fatalf("a P3 has %d parts and %v", len(got), s.Names())
		}
		if _, err := w.e.Room.Reserve(w.Context(), as("ana"), 1, "", w.now); err == nil || !strings.Contains(err.Error(), "a P3 has no war room") {
			w.Errorf("a P3 may reserve a room: %v", err)
		}
		w.Severity(procedure.P2, "many wait for it")
		w.After(5 * time.Second)
		if got := w.kinds(); got != "chat notes video" || len(s.Names()) != 1 {
			w.Errorf("a P2 has %s and %v", got, s.Names())
		}
		w.Severity(procedure.P1, "all of them")
		w.After(5 * time.Second)
		if got := w.kinds(); got != "chat notes physical video" || len(s.Names()) != 1 {
			w.Errorf("a P1 has %s and %v", got, s.Names())
		}
	})
}

func (w *World) kinds() string {
	w.Helper()
	var out []string
	for _, p := range w.Rooms().Parts {
		out = append(out, string(p.Kind))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Slack fails in each way it can: the incident goes on, the record says within
// seconds what is wrong and what to use instead, and where it mends the channel is
// there once and whole.
//
// Clauses: RSP-S3-CHAN, INT-SLACK
func TestSlackFails(t *testing.T) {
	cases := []struct {
		name   string
		method string
		f      SlackFailure
		first  room.State // some seconds after the declaration
		then   room.State // when it is mended
		says   string
	}{
		{"it does not answer", "", SlackFailure{Hang: true}, room.Fallback, room.Open, "no answer within"},
		{"it asks to wait", "conversations.create", SlackFailure{Status: 429, After: "30", Code: "ratelimited"}, room.Fallback, room.Open, "429"},
		{"it is down", "", SlackFailure{Status: 503}, room.Fallback, room.Open, "503"},
		{"the token is revoked", "", SlackFailure{Code: "token_revoked"}, room.Failed, room.Failed, "token_revoked"},
		{"it made the channel and did not say so", "conversations.create", SlackFailure{Late: true, Times: 1}, room.Open, room.Open, "no answer within"},
		{"nobody can be invited", "conversations.invite", SlackFailure{Code: "missing_scope"}, room.Open, room.Open, "missing_scope"},
		{"it posts and does not pin", "pins.add", SlackFailure{Status: 500, Times: 1}, room.Open, room.Open, "500"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			Tell(t, func(w *World) {
				s := w.withSlack()
				s.Fail(c.method, c.f)
				w.Alert("auth", "critical", "Sign-in fails for all users")
				w.Engage("ana")
				w.After(5 * time.Second)
				p := w.Part(room.Chat)
				if p == nil || p.State != c.first {
					w.Fatalf("the channel is %+v", p)
				}
				seen := w.Lines(event.RoomFailed, c.says)
				if len(seen) == 0 || seen[0].RecordedAt.Sub(w.start) > 5*time.Second {
					w.Errorf("the record says nothing of it: %v", w.Lines(event.RoomFailed, ""))
				}
				if c.first != room.Open && (p.Instead == nil || p.Instead.URL != "https://allclear.example/incidents/INC-1" || !strings.Contains(seen[0].Data.Text, p.Instead.URL)) {
					w.Errorf("nothing to use instead: %+v, %+v", p.Instead, seen)
				}
				if inc := w.Incident(); !inc.Declared || inc.Commander() != "ana" {
					w.Errorf("the incident stands still: %+v", inc)
				}
				s.Mend()
				w.After(2 * time.Minute)
				if p = w.Part(room.Chat); p.State != c.then {
					w.Errorf("mended, the channel is %s: %s", p.State, p.Problem)
				}
				if c.then != room.Open {
					if n := len(s.Calls()); n > 3 {
						w.Errorf("a revoked token was tried %d times", n)
					}
					_, err := w.e.Room.Retry(w.Context(), as("ana"), 1, p.ID, w.now)
					w.must(err)
					w.After(2 * time.Second)
				}
				if got := s.Names(); len(got) != 1 {
					w.Fatalf("channels %v", got)
				}
				ch := s.Channel("inc-")
				if p = w.Part(room.Chat); p.State != room.Open || len(ch.Pins) != 1 || ch.Topic == "" {
					w.Errorf("not whole: %+v, %+v", p, ch)
				}
				summaries := 0
				for _, p := range ch.Posts {
					if strings.Contains(p.Raw, "allclear_summary") {
						summaries++
					}
				}
				if summaries != 1 {
					w.Errorf("%d summaries", summaries)
				}
			})
		})
	}
}

// A vendor's wish to be left alone is kept.
func TestSlackIsLeftAloneWhenItAsks(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		s.Fail("", SlackFailure{Status: 429, After: "45", Code: "ratelimited"})
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.Engage("ana")
		w.After(40 * time.Second)
		if got := s.Calls(); len(got) != 1 {
			w.Errorf("called %v", got)
		}
		s.Mend()
		w.After(10 * time.Second)
		if p := w.Part(room.Chat); p.State != room.Open {
			w.Errorf("%+v", p)
		}
	})
}

// The name is taken by somebody else's channel: ours gets a number.
func TestATakenNameGetsANumber(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		s.channels = append(s.channels, &SlackChannel{ID: "C900", Name: "inc-20260302-001-sign-in-fails", Creator: "U001", Created: w.now})
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		if p := w.Part(room.Chat); p.Called != "#inc-20260302-001-sign-in-fails-2" {
			w.Errorf("called %s, there are %v", p.Called, s.Names())
		}
	})
}

// A restricted incident has a private channel with a neutral name, and only its circle
// is in it; the open one it had before is renamed, emptied of its topic and archived
// (reading 18).
func TestARestrictedIncidentHasAPrivateRoom(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Alert("auth", "critical", "Customer records leaked")
		w.Engage("ana")
		w.After(5 * time.Second)
		if s.Channel("inc-20260302-001-customer-records-leaked") == nil {
			w.Fatalf("channels %v", s.Names())
		}
		_, err := w.e.Command.Restrict(w.Context(), as("ana"), 1, w.now)
		w.must(err)
		w.After(10 * time.Second)
		got := s.Names()
		if len(got) != 2 || strings.Contains(strings.Join(got, " "), "customer") {
			w.Fatalf("channels %v", got)
		}
		old, ours := s.At(0), s.At(1)
		if !old.Archived || old.Topic != "" {
			w.Errorf("the open channel %+v", old)
		}
		if !ours.Private || strings.Contains(ours.Topic, "leak") || slices.Contains(ours.Members, "U002") || !slices.Contains(ours.Members, "U001") {
			w.Errorf("the private channel %+v", ours)
		}
		for _, p := range append(ours.Posts, old.Posts[0]) {
			if strings.Contains(strings.ToLower(p.Raw), "leak") {
				w.Errorf("it tells: %s", p.Raw)
			}
		}
	})
}

// A service that is found to be touched brings the team that owns it into the channel.
//
// Clauses: TEAM-AUTOINC
func TestATouchedServiceBringsItsTeam(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Declare(Declaration{Service: "auth", Title: "Sign-in is slow", Severity: procedure.P2}) // of the platform team
		w.After(5 * time.Second)
		var members []string
		for _, e := range company(customers) {
			if team, ok := e.(catalog.Team); ok && team.ID == "applications" {
				members = team.Members
			}
		}
		before := w.Part(room.Chat)
		var fresh []string
		for _, m := range members {
			if !slices.Contains(before.Invited, m) && !slices.Contains(before.Unknown, m) {
				fresh = append(fresh, m)
			}
		}
		if len(fresh) == 0 {
			w.Fatalf("the whole team is in already: %v", before)
		}
		s.mu.Lock()
		s.users[w.personOf(fresh[0]).Email] = "U777"
		s.mu.Unlock()
		w.must(w.Scope(command.NewScope{Services: []string{"dashboard"}}))
		w.After(5 * time.Second)
		if p := w.Part(room.Chat); !slices.Contains(p.Invited, fresh[0]) {
			w.Errorf("let in: %v, unknown: %v", p.Invited, p.Unknown)
		}
		if c := s.Channel("inc-"); !slices.Contains(c.Members, "U777") {
			w.Errorf("members %v", c.Members)
		}
	})
}

// With the close of an incident its channel hears the last word and is archived, its
// video room ends, and nothing is left to do.
//
// Clauses: PLT-RT-SLACK, INT-SLACK
func TestTheCloseEndsTheRoom(t *testing.T) {
	Tell(t, func(w *World) {
		s, z := w.withSlack(), w.withZoom()
		w.Declare(Declaration{Service: "auth", Title: "Sign-in fails", Severity: procedure.P1})
		w.After(5 * time.Second)
		w.Resolve("fixed")
		w.After(5 * time.Second)
		if c := s.Channel("inc-"); c.Archived || z.Meetings[0].Gone {
			w.Errorf("it ended with the resolution: %+v", c)
		}
		id := w.Incident().ID
		w.must(w.db.Update(w.Context(), store.PriorityAck, func(tx *store.Tx) error {
			return w.e.Bus.Emit(tx, w.now, event.Event{IncidentID: id, Kind: event.Closed, Actor: "ana"})
		}))
		w.After(5 * time.Second)
		c := s.Channel("inc-")
		if !c.Archived || c.Posts[len(c.Posts)-1].Text != "Closed" || !z.Meetings[0].Gone {
			w.Errorf("archived %t after %q, the meeting is gone %t", c.Archived, c.Posts[len(c.Posts)-1].Text, z.Meetings[0].Gone)
		}
		for _, p := range w.Rooms().Parts {
			if p.Kind != room.Notes && (p.State != room.Closed || !p.DueAt.IsZero()) {
				w.Errorf("%s is %s", p.Kind, p.State)
			}
		}
	})
}

// An incident that becomes part of another gives its channel up.
func TestAMergedIncidentGivesItsChannelUp(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		first := w.Declare(Declaration{Service: "auth", Title: "Sign-in fails", Severity: procedure.P1})
		second := w.Declare(Declaration{Service: "reporting", Title: "Reports fail", Severity: procedure.P1})
		w.After(5 * time.Second)
		_, err := w.e.Command.Merge(w.Context(), as("ana"), second, first, w.now)
		w.must(err)
		w.After(5 * time.Second)
		if !s.At(1).Archived || s.At(0).Archived {
			w.Errorf("archived: %t, %t", s.At(0).Archived, s.At(1).Archived)
		}
	})
}
