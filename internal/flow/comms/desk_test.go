package comms

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
)

var public = message.Content{Audience: message.Public, Channels: []string{message.StatusPage}, Subject: "Slow sign-in", Text: "Signing in is slow."}

// Clauses: AUD-DECISION, WAR-CCL-STATUS
func TestAPersonApprovesThenPublishes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, inc := t.Context(), w.incident(nil)
		m, err := w.c.Draft(ctx, ana, inc.Number, public, t0)
		if err != nil || m.State != message.Draft || m.Incident != inc.Number || m.Status != "investigating" {
			t.Fatalf("draft: %s, %v", text(m), err)
		}
		if _, err := w.c.Publish(ctx, ana, m.ID, t0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a draft is published: %v", err)
		}
		edited, err := w.c.Edit(ctx, ana, m.ID, message.Content{Text: "Signing in may fail."}, t0)
		if err != nil || edited.Subject != public.Subject || edited.Hash == m.Hash {
			t.Fatalf("edit: %s, %v", text(edited), err)
		}
		if _, err := w.c.Approve(ctx, ana, m.ID, m.Hash, t0); !fault.Is(err, fault.Conflict) {
			t.Errorf("the old text is approved: %v", err)
		}
		if got, err := w.c.Approve(ctx, ana, m.ID, edited.Hash, t0); err != nil || got.ApprovedBy != "ana" || got.State != message.Approved {
			t.Fatalf("approve: %s, %v", text(got), err)
		}
		if len(w.page(t0).Incidents) != 0 {
			t.Error("an approved message is on the page already")
		}
		if _, err := w.c.Edit(ctx, ana, m.ID, message.Content{Subject: "Sign-in fails"}, t0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.c.Publish(ctx, ana, m.ID, t0); !fault.Is(err, fault.Conflict) {
			t.Errorf("an edit does not void the approval: %v", err)
		}
		if _, err := w.c.Approve(ctx, ana, m.ID, "", t0); err != nil {
			t.Fatal(err)
		}
		out, err := w.c.Publish(ctx, ana, m.ID, t0.Add(time.Minute))
		if err != nil || out.State != message.Published || out.PublishedBy != "ana" || out.Deliveries[message.Accepted] != 1 {
			t.Fatalf("publish: %s, %v", text(out), err)
		}
		for name, err := range map[string]error{
			"publish": second(w.c.Publish(ctx, ana, m.ID, t0)), "cancel": second(w.c.Cancel(ctx, ana, m.ID, "no", t0)),
			"edit": second(w.c.Edit(ctx, ana, m.ID, message.Content{Text: "x"}, t0)), "approve": second(w.c.Approve(ctx, ana, m.ID, "", t0)),
		} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s after publishing: %v", name, err)
			}
		}
		if s := w.page(t0.Add(time.Minute)); s.Incidents[0].Name != "Sign-in fails" || len(s.Incidents[0].Updates) != 1 {
			t.Errorf("page: %s", text(s.Incidents))
		}
		var steps []string
		for _, e := range w.kinds(event.MessageDrafted, event.MessageApproved, event.MessagePublished) {
			steps = append(steps, string(e.Kind)+" "+e.Actor+" "+e.Source)
		}
		want := "message.drafted ana session, message.drafted ana session, message.approved ana session, message.drafted ana session, message.approved ana session, message.published ana session"
		if got := strings.Join(steps, ", "); got != want {
			t.Errorf("recorded %s", got)
		}
	})
}

func second(_ *View, err error) error { return err }

func TestUpdateFillsInWhatIsUsual(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, inc := t.Context(), w.incident(nil)
		first, err := w.c.Update(ctx, ana, inc.Number, message.Content{Text: "We know the cause.", Status: "identified"}, true, t0)
		if err != nil || first.Audience != message.Customers || strings.Join(first.Channels, " ") != "status_page email in_app" || first.Recipients != 4 {
			t.Fatalf("update: %s, %v", text(first), err)
		}
		next, err := w.c.Update(ctx, ana, inc.Number, message.Content{Audience: message.Public, Text: "We repair it."}, true, t0.Add(time.Minute))
		if err != nil || next.Status != "identified" || next.PageID != first.PageID || next.UpdateID == first.UpdateID {
			t.Errorf("second update: %s, %v", text(next), err)
		}
		w.change(inc, event.Monitoring, t0.Add(2*time.Minute), func(i *incident.Incident) { i.Status = incident.Monitoring })
		third, err := w.c.Update(ctx, ana, inc.Number, message.Content{Audience: message.Public, Text: "We watch it."}, true, t0.Add(2*time.Minute))
		if err != nil || third.Status != "monitoring" {
			t.Errorf("third update: %s, %v", text(third), err)
		}
		s := w.page(t0.Add(3 * time.Minute))
		if len(s.Incidents) != 1 || s.Incidents[0].Name != "Problem with Sign-in" || s.Incidents[0].Status != status.Monitoring {
			t.Errorf("page: %s", text(s.Incidents))
		}
		vip, err := w.c.Draft(ctx, ana, inc.Number, message.Content{Audience: message.VIP, Text: "We call you."}, t0)
		if err != nil || strings.Join(vip.Channels, " ") != "email" {
			t.Errorf("to VIP: %s, %v", text(vip), err)
		}
		if _, err := w.c.Draft(ctx, ana, inc.Number, message.Content{}, t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty message: %v", err)
		}
		gone, err := w.c.Cancel(ctx, ana, vip.ID, "called instead", t0)
		if err != nil || gone.State != message.Discarded || w.kinds(event.MessageCancelled)[0].Data.Outcome != "called instead" {
			t.Errorf("cancel: %s, %v", text(gone), err)
		}
		all, err := w.c.List(ctx, reader, inc.Number)
		if err != nil || len(all) != 4 {
			t.Errorf("list: %s, %v", text(all), err)
		}
	})
}

func TestDraftsWarnOfInternalWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		m, err := w.c.Draft(t.Context(), ana, inc.Number, message.Content{Text: "INC-1: Ana Ruiz sees 5xx rate above 20% on edge-3."}, t0)
		if err != nil || len(m.Warnings) != 3 {
			t.Errorf("warnings: %v, %v", m.Warnings, err)
		}
	})
}

func TestOnlyThoseWhoMay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, inc := t.Context(), w.incident(nil)
		m, err := w.c.Draft(ctx, ana, inc.Number, public, t0)
		if err != nil {
			t.Fatal(err)
		}
		for name, a := range map[string]authz.Actor{"stakeholder": reader, "auditor": {ID: "au", Role: authz.Auditor}, "nobody": {}} {
			for what, err := range map[string]error{
				"draft": second(w.c.Draft(ctx, a, inc.Number, public, t0)), "update": second(w.c.Update(ctx, a, inc.Number, public, true, t0)),
				"edit": second(w.c.Edit(ctx, a, m.ID, public, t0)), "approve": second(w.c.Approve(ctx, a, m.ID, "", t0)),
				"publish": second(w.c.Publish(ctx, a, m.ID, t0)), "cancel": second(w.c.Cancel(ctx, a, m.ID, "", t0)),
			} {
				if !fault.Is(err, fault.Refused) {
					t.Errorf("%s may %s: %v", name, what, err)
				}
			}
		}
		if _, err := w.c.AffectedCustomers(ctx, reader, inc.Number); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder reads customers: %v", err)
		}
		if _, err := w.c.TenantSnapshot(ctx, reader, "acme", t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder reads a tenant's page: %v", err)
		}
		if _, err := w.c.List(ctx, authz.Actor{}, inc.Number); !fault.Is(err, fault.Refused) {
			t.Errorf("nobody lists: %v", err)
		}
		if got, err := w.c.Get(ctx, reader, m.ID); err != nil || got.Hash != m.Hash {
			t.Errorf("a stakeholder reads: %s, %v", text(got), err)
		}
	})
}

// Reading 18: nothing about a restricted incident is published by itself, and
// only Legal lets anything out (INV-A4).
//
// Clauses: SEV-P1-CUST
func TestRestrictedStaysADraftUntilLegalPublishes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		inc := w.incident(func(i *incident.Incident) { i.Restricted, i.Circle = true, []string{"ana", "lea.law"} })
		w.want(inc, t0.Add(13*time.Minute), func(d *event.Data) { d.Channels = []string{message.StatusPage, message.Email} })
		ms := w.of(inc)
		if len(ms) != 1 || ms[0].State != message.Draft || len(w.outbox(ms[0])) != 0 || len(w.page(t0).Incidents) != 0 {
			t.Fatalf("something left by itself: %s", text(ms))
		}
		id := ms[0].ID
		// An incident outside one's circle answers like one that is missing.
		for name, a := range map[string]authz.Actor{"admin": office, "stakeholder": reader} {
			_, there := w.c.Get(ctx, a, id)
			_, none := w.c.Get(ctx, a, ident.ID(7))
			if there == nil || none == nil || there.Error() != none.Error() || !fault.Is(there, fault.NotFound) {
				t.Errorf("%s reads a message of it: %v, of none: %v", name, there, none)
			}
			_, there = w.c.List(ctx, a, inc.Number)
			_, none = w.c.List(ctx, a, 4711)
			if there == nil || none == nil || there.Error() != none.Error() {
				t.Errorf("%s lists it: %v, none: %v", name, there, none)
			}
			if _, err := w.c.PreviewAffected(ctx, a, inc.Number); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s counts its customers: %v", name, err)
			}
		}
		if _, err := w.c.Draft(ctx, office, inc.Number, public, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("an admin outside the circle drafts: %v", err)
		}
		for what, err := range map[string]error{
			"approve": second(w.c.Approve(ctx, ana, id, "", t0)), "update": second(w.c.Update(ctx, ana, inc.Number, public, true, t0)),
		} {
			if !fault.Is(err, fault.Refused) {
				t.Errorf("%s by somebody else than Legal: %v", what, err)
			}
		}
		if n := len(w.of(inc)); n != 1 {
			t.Errorf("a refused update leaves %d messages", n)
		}
		if _, err := w.c.Approve(ctx, lea, id, "", t0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.c.Publish(ctx, ana, id, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("published by somebody else than Legal: %v", err)
		}
		out, err := w.c.Publish(ctx, lea, id, t0.Add(20*time.Minute))
		if err != nil || out.Recipients != 4 {
			t.Fatalf("Legal publishes: %s, %v", text(out), err)
		}
		s := w.page(t0.Add(21 * time.Minute))
		if i := s.Incidents[0]; i.Impact != status.ImpactNone || len(i.ComponentIDs) != 0 || !i.StartedAt.Equal(t0.Add(20*time.Minute)) || i.NextUpdateAt != nil {
			t.Errorf("the page tells more than the text: %s", text(i))
		}
		for _, e := range w.kinds(event.MessageDrafted, event.MessageApproved, event.MessagePublished) {
			if !e.Restricted {
				t.Errorf("%s is not marked restricted", e.Kind)
			}
		}
		w.send(t0.Add(21 * time.Minute))
		if len(w.sent) != 4 {
			t.Errorf("%d mails, Legal released them", len(w.sent))
		}
	})
}

func TestAnApprovalBeforeTheRestrictionIsWorthNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, inc := t.Context(), w.incident(nil)
		w.want(inc, t0, func(d *event.Data) { d.Audience, d.Channels = message.Customers, []string{message.Email} })
		m, err := w.c.Draft(ctx, ana, inc.Number, public, t0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.c.Approve(ctx, ana, m.ID, "", t0); err != nil {
			t.Fatal(err)
		}
		w.change(inc, event.Restricted, t0, func(i *incident.Incident) { i.Restricted, i.Circle = true, []string{"ana", "lea.law"} })
		for _, a := range []authz.Actor{ana, lea} {
			if _, err := w.c.Publish(ctx, a, m.ID, t0); !fault.Is(err, fault.Refused) {
				t.Errorf("%s publishes what Legal did not approve: %v", a.ID, err)
			}
		}
		w.send(t0)
		if len(w.sent) != 0 {
			t.Errorf("%d mails left after the restriction", len(w.sent))
		}
	})
}
