package comms

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Clauses: SEV-P1-CUST, COM-CUST-STATUS
func TestHoldingStatementPublishesItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(t0)
		inc := w.incident(nil)
		at := t0.Add(13 * time.Minute)
		w.want(inc, at, func(d *event.Data) { d.Unless = "status_posted" })
		ms := w.of(inc)
		if len(ms) != 1 || ms[0].State != message.Published || ms[0].ApprovedBy != event.System || !ms[0].PublishedAt.Equal(at) {
			t.Fatalf("messages: %s", text(ms))
		}
		got := w.kinds(event.MessagePublished)
		if len(got) != 1 || got[0].Data.Ref != ms[0].ID.String() || got[0].Data.Audience != message.Public || got[0].Data.Rule != "holding" ||
			!slices.Equal(got[0].Data.Clauses, []string{"SEV-P1-CUST"}) || got[0].Data.Status != "investigating" || got[0].Data.Text != ms[0].Text {
			t.Errorf("recorded: %s", text(got))
		}
		s := w.page(at)
		if len(s.Incidents) != 1 || s.Incidents[0].Name != "Problems with signing in" || s.Incidents[0].Impact != status.ImpactCritical {
			t.Fatalf("page: %s", text(s.Incidents))
		}
		i := s.Incidents[0]
		if i.ID != ms[0].PageID || i.Updates[0].ID != ms[0].UpdateID || !i.StartedAt.Equal(t0) || !i.NextUpdateAt.Equal(at.Add(30*time.Minute)) {
			t.Errorf("post: %s", text(i))
		}
		if c := w.component(s, "Sign-in"); c.Status != status.MajorOutage || i.ComponentIDs[0] != c.ID {
			t.Errorf("component: %s", text(c))
		}
		if d := w.outbox(ms[0]); len(d) != 1 || d[0].Channel != message.StatusPage || d[0].State != message.Accepted || d[0].Address != "/incidents/"+i.ID {
			t.Errorf("outbox: %s", text(d))
		}
	})
}

func TestUnlessSkipsWhatIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		if _, err := w.c.Update(t.Context(), ana, inc.Number, message.Content{Audience: message.Public, Text: "We look into it."}, true, t0); err != nil {
			t.Fatal(err)
		}
		w.want(inc, t0.Add(13*time.Minute), func(d *event.Data) { d.Unless = "status_posted" })
		reached := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2"; i.Reach("status_posted", t0) })
		w.want(reached, t0, func(d *event.Data) { d.Unless = "status_posted" })
		if a, b := len(w.of(inc)), len(w.of(reached)); a != 1 || b != 0 {
			t.Errorf("%d and %d messages, want 1 and 0", a, b)
		}
	})
}

// A rule that fires twice publishes once; one that repeats has rounds.
func TestARuleFiresOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		for range 3 {
			w.want(inc, t0, func(d *event.Data) { d.Channels = []string{message.StatusPage, message.Email} })
		}
		w.want(inc, t0, func(d *event.Data) { d.Round = 1 })
		if ms := w.of(inc); len(ms) != 2 {
			t.Errorf("%d messages, want 2", len(ms))
		}
		if n := len(w.page(t0).Incidents[0].Updates); n != 2 {
			t.Errorf("%d updates on the page, want 2", n)
		}
		w.send(t0)
		if len(w.sent) != 4 {
			t.Errorf("%d mails, want one per contact", len(w.sent))
		}
	})
}

func TestADraftWaitsAndTheHoldingStatementAdoptsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		w.want(inc, t0, func(d *event.Data) { d.Rule, d.Draft = "prepare", true })
		ms := w.of(inc)
		if len(ms) != 1 || ms[0].State != message.Draft || ms[0].Held == "" || len(w.page(t0).Incidents) != 0 {
			t.Fatalf("draft: %s", text(ms))
		}
		if got := w.kinds(event.MessageDrafted, event.MessagePublished); len(got) != 1 || got[0].Kind != event.MessageDrafted || !got[0].Data.Draft {
			t.Errorf("recorded: %s", text(got))
		}
		for range 2 {
			w.want(inc, t0.Add(13*time.Minute), nil)
		}
		ms = w.of(inc)
		if len(ms) != 1 || ms[0].State != message.Published || ms[0].Held != "" || len(w.kinds(event.MessagePublished)) != 1 {
			t.Errorf("the same text twice: %s", text(ms))
		}
	})
}

// A text that cannot go out must not undo what the rule hangs on.
func TestABadTextIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		w.want(inc, t0, func(d *event.Data) { d.Audience = "everybody" })
		w.want(inc, t0, func(d *event.Data) { d.Rule, d.Text = "empty", "" })
		for _, m := range w.of(inc) {
			if m.State != message.Draft || m.Held == "" {
				t.Errorf("bad text: %s", text(m))
			}
			if _, err := w.c.Approve(t.Context(), ana, m.ID, "", t0); !fault.Is(err, fault.Invalid) {
				t.Errorf("a bad text is approved: %v", err)
			}
		}
		if len(w.kinds(event.MessageDrafted)) != 2 {
			t.Error("a held message is not on the record")
		}
	})
}

// Clauses: FUP-IMM-STATUS, PLT-SP-HIST
func TestResolvedClosesThePost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(t0)
		inc := w.incident(nil)
		w.want(inc, t0.Add(5*time.Minute), nil)
		w.want(inc, t0.Add(6*time.Minute), func(d *event.Data) { d.Rule, d.Text, d.Draft = "next", "Still looking.", true })
		mine, err := w.c.Draft(t.Context(), ana, inc.Number, message.Content{Text: "A word of my own."}, t0.Add(7*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		end := t0.Add(40 * time.Minute)
		w.change(inc, event.ResolvedKind, end, func(i *incident.Incident) {
			i.Status, i.ResolvedAt = incident.Resolved, t0.Add(35*time.Minute)
		})
		w.want(inc, end, func(d *event.Data) { d.Rule, d.Status, d.Text = "restored", "resolved", "Signing in works again." })
		states := map[message.State]int{}
		for _, m := range w.of(inc) {
			states[m.State]++
			if m.ID == mine.ID && m.State != message.Draft {
				t.Errorf("a person's draft is %s", m.State)
			}
		}
		if states[message.Published] != 2 || states[message.Discarded] != 1 || len(w.kinds(event.MessageCancelled)) != 1 {
			t.Errorf("messages: %v", states)
		}
		s := w.page(t0.Add(time.Hour))
		i, c := s.Incidents[0], w.component(s, "Sign-in")
		if i.Status != status.Resolved || !i.ResolvedAt.Equal(t0.Add(35*time.Minute)) || i.NextUpdateAt != nil || c.Status != status.Operational {
			t.Errorf("post: %s, component %s", text(i), c.Status)
		}
		if d := c.Days[len(c.Days)-1]; d.DownMinutes != 35 {
			t.Errorf("%d minutes of outage today, want 35", d.DownMinutes)
		}
		if d := w.component(s, "API").Days; d[len(d)-1].DownMinutes != 0 {
			t.Error("an outage of another component counts")
		}
	})
}

func TestSeverityMovesTheComponent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(func(i *incident.Incident) { i.Severity, i.Highest = procedure.P3, procedure.P3 })
		w.want(inc, t0, nil)
		if s := w.page(t0); w.component(s, "Sign-in").Status != status.DegradedPerformance {
			t.Errorf("P3: %s", text(s.Components))
		}
		later := t0.Add(20 * time.Minute)
		w.change(inc, event.SeverityChanged, later, func(i *incident.Incident) { i.Severity, i.Highest = procedure.P2, procedure.P2 })
		s := w.page(later)
		if c := w.component(s, "Sign-in"); c.Status != status.PartialOutage || s.Incidents[0].Impact != status.ImpactMajor || !c.UpdatedAt.Equal(later) {
			t.Errorf("P2: %s", text(s))
		}
		if n := len(s.Incidents[0].Updates); n != 1 {
			t.Errorf("%d updates, a change of severity is none", n)
		}
		w.change(inc, event.Restricted, later, func(i *incident.Incident) { i.Restricted = true })
		w.change(inc, event.SeverityChanged, later, func(i *incident.Incident) { i.Severity = procedure.P1 })
		if c := w.component(w.page(later), "Sign-in"); c.Status != status.PartialOutage {
			t.Errorf("the severity of a restricted incident shows: %s", c.Status)
		}
	})
}

func TestADismissedIncidentIsRetracted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(t0)
		inc := w.incident(nil)
		w.want(inc, t0, func(d *event.Data) {
			d.Channels, d.Audience = []string{message.StatusPage, message.Email}, message.Customers
		})
		at := t0.Add(10 * time.Minute)
		dismiss := func(i *incident.Incident) {
			i.Status, i.FalsePositive, i.ResolvedAt = incident.Closed, true, at
		}
		w.change(inc, event.Dismissed, at, dismiss)
		w.change(inc, event.Dismissed, at, dismiss)
		ms := w.of(inc)
		if len(ms) != 2 || ms[1].Purpose != message.PurposeRetraction || ms[1].State != message.Published || ms[1].Text != "There was no problem with Sign-in." {
			t.Fatalf("messages: %s", text(ms))
		}
		s := w.page(t0.Add(time.Hour))
		if i := s.Incidents[0]; i.Status != status.Resolved || i.Impact != status.ImpactNone || len(i.Updates) != 2 {
			t.Errorf("post: %s", text(i))
		}
		if c := w.component(s, "Sign-in"); c.Status != status.Operational || c.Days[len(c.Days)-1].DownMinutes != 0 {
			t.Errorf("a false alarm counts as downtime: %s", text(c.Days[len(c.Days)-1]))
		}
		w.send(at)
		for _, m := range w.sent {
			if m.Subject != "False alarm: Sign-in" {
				t.Errorf("sent after the dismissal: %q", m.Subject)
			}
		}
		if len(w.sent) != 4 {
			t.Errorf("%d corrections, want 4", len(w.sent))
		}
		quiet := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		w.change(quiet, event.Dismissed, at, dismiss)
		if n := len(w.of(quiet)); n != 0 {
			t.Errorf("%d messages about what nobody was told", n)
		}
	})
}

func TestMergedPostsGoOnUnderOneName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.incident(nil)
		b := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		c := w.incident(func(i *incident.Incident) { i.ServiceID = "svc3" })
		w.want(a, t0, nil)
		w.change(a, event.Merged, t0, func(i *incident.Incident) { i.MergedInto = b.ID })
		id := w.page(t0).Incidents[0].ID
		w.want(b, t0.Add(time.Minute), func(d *event.Data) { d.Rule = "next" })
		if s := w.page(t0.Add(time.Minute)); len(s.Incidents) != 1 || s.Incidents[0].ID != id || len(s.Incidents[0].Updates) != 2 {
			t.Fatalf("the post did not go on: %s", text(s.Incidents))
		}
		w.want(c, t0.Add(2*time.Minute), func(d *event.Data) { d.Subject = "Slow pipelines" })
		w.change(c, event.Merged, t0.Add(3*time.Minute), func(i *incident.Incident) { i.MergedInto = b.ID })
		s := w.page(t0.Add(4 * time.Minute))
		if len(s.Incidents) != 2 {
			t.Fatalf("page: %s", text(s.Incidents))
		}
		for _, i := range s.Incidents {
			if i.Name == "Slow pipelines" && (i.Status != status.Resolved || !strings.Contains(i.Latest()[0].Body, "Problems with signing in")) {
				t.Errorf("the merged post: %s", text(i))
			}
		}
		if c := w.component(s, "Pipelines"); c.Status != status.Operational {
			t.Errorf("a merged post holds its component: %s", c.Status)
		}
		w.view(func(tx *store.Tx) error {
			p, err := messages.PostOf(tx, a.ID)
			if p != nil {
				t.Error("the handed post is still the merged incident's")
			}
			return err
		})
	})
}
