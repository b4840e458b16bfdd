package tickets_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
	"allclear/internal/store/tickets"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, f); err != nil {
		t.Fatal(err)
	}
}

// written is an urgent ticket.
func written(t *testing.T, db *store.DB, external, customer string, change func(*ticket.Ticket)) (out *ticket.Ticket) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		row, _, err := tickets.Lock(tx, "zendesk", external, "api", now)
		if err != nil {
			return err
		}
		row.CustomerID, row.Queue, row.State, row.Severity, row.Subject, row.Reasons, row.Version, row.UpdatedAt = customer, ticket.Urgent, ticket.Waiting, procedure.P3, "s", []string{"r"}, 1, now
		change(row)
		out = row
		return tickets.Save(tx, row)
	})
	return out
}

func TestATicketComesBackAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := written(t, db, "1", "acme", func(r *ticket.Ticket) {
			r.Confidence, r.Events, r.IncidentID, r.URL = 0.75, []string{"e"}, 5, "https://x.example"
		})
		update(t, db, func(tx *store.Tx) error {
			got, fresh, err := tickets.Lock(tx, "zendesk", "1", "other", now.Add(time.Hour))
			if err != nil || fresh || !reflect.DeepEqual(got, want) {
				t.Errorf("fresh %v, %v\n got %+v\nwant %+v", fresh, err, got, want)
			}
			if got, err = tickets.Take(tx, want.ID); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v", got, err)
			}
			if _, err := tickets.Get(tx, 42); !fault.Is(err, fault.NotFound) {
				t.Errorf("a ticket there is not: %v", err)
			}
			for _, version := range []int64{3, 2} { // one that is overtaken
				if err := tickets.Wrote(tx, want.ID, version); err != nil {
					return err
				}
				if got, err := tickets.Get(tx, want.ID); err != nil || got.Written != 3 {
					t.Errorf("written %d, %v", got.Written, err)
				}
			}
			if err := tickets.Move(tx, 5, 6); err != nil {
				return err
			}
			of, err := tickets.Of(tx, 6)
			if len(of) != 1 {
				t.Errorf("%d tickets moved", len(of))
			}
			return err
		})
	})
}

func TestTicketsAboutOneTrouble(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		same := func(*ticket.Ticket) {}
		first := written(t, db, "1", "acme", same)
		written(t, db, "2", "acme", same)
		written(t, db, "3", "bolt", same)
		written(t, db, "4", "", same)
		written(t, db, "5", "cord", func(r *ticket.Ticket) { r.State = ticket.Dismissed })
		written(t, db, "6", "dash", func(r *ticket.Ticket) { r.Queue = ticket.Normal })
		written(t, db, "7", "echo", func(r *ticket.Ticket) { r.ServiceID = "auth" })
		written(t, db, "8", "fern", func(r *ticket.Ticket) { r.UpdatedAt = now.Add(-time.Hour) })
		written(t, db, "9", "gold", func(r *ticket.Ticket) { r.IncidentID = 5 })
		update(t, db, func(tx *store.Tx) error {
			n, err := tickets.OthersSince(tx, "api", "acme", now.Add(-time.Minute))
			if err != nil || n != 2 {
				t.Errorf("%d others, %v", n, err)
			}
			loose, err := tickets.Loose(tx, "api", now.Add(-time.Minute))
			if err != nil || len(loose) != 4 || loose[0].ID != first.ID {
				t.Errorf("%d loose, %v", len(loose), err)
			}
			for f, want := range map[tickets.Filter]int{
				{}: 9, {Queue: "normal"}: 1, {State: "dismissed"}: 1, {Customer: "acme"}: 2, {Service: "auth"}: 1, {Incident: 5}: 1,
				{Queue: "urgent", State: "waiting", Service: "api"}: 6, {Before: first.ID}: 0,
			} {
				f.Limit = 100
				if got, err := tickets.List(tx, f); err != nil || len(got) != want {
					t.Errorf("%+v: %d, want %d, %v", f, len(got), want, err)
				}
			}
			page, err := tickets.List(tx, tickets.Filter{Limit: 2})
			if err != nil || len(page) != 2 || page[0].ID < page[1].ID {
				t.Errorf("%+v, %v", page, err)
			}
			if of, err := tickets.Of(tx, ident.ID(0)); err != nil || len(of) != 0 {
				t.Errorf("of no incident: %d, %v", len(of), err)
			}
			return err
		})
	})
}
