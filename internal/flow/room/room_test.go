package room_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	domain "allclear/internal/domain/room"
	"allclear/internal/flow/room"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/rooms"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var t0 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// chat opens one channel; what happens meanwhile is up to the test.
type chat struct {
	opened, archived int
	meanwhile        func()
	err              error
}

func (c *chat) OpenRoom(context.Context, plug.RoomSpec) (plug.Place, error) {
	c.opened++
	if c.meanwhile != nil {
		c.meanwhile()
	}
	return plug.Place{Ref: "C1", Name: "#inc"}, c.err
}
func (c *chat) Invite(context.Context, string, []plug.Guest) ([]string, error) { return nil, nil }
func (c *chat) SetTopic(context.Context, string, string) error                 { return nil }
func (c *chat) Pin(context.Context, string, string, plug.Summary) (string, error) {
	return "1", nil
}
func (c *chat) Say(context.Context, string, string, string) error { return nil }
func (c *chat) Archive(context.Context, string, string) error     { c.archived++; return nil }

type world struct {
	t   *testing.T
	db  *store.DB
	bus *jobs.Bus
	r   *room.Room
	c   *chat
	inc *incident.Incident
}

// each is a declared P2 with a chat, on both engines.
func each(t *testing.T, run func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus(), c: &chat{}}
		shelf := &procedures.Shelf{}
		cat := catalog.New(1, catalog.Service{ID: "auth", Name: "Auth", RestorationRank: 1})
		w.r = room.New(db, w.bus, room.Options{
			Shelf: shelf, Catalog: func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, URL: "https://allclear.example/incidents/",
			Vendors: []room.Vendor{{Name: "chat", Title: "Chat", Chat: w.c}},
		})
		w.r.Wire()
		w.update(func(tx *store.Tx) error {
			hash, err := shelf.Put(tx, builtin.TechFlow, t0)
			if err != nil {
				return err
			}
			w.inc = &incident.Incident{ServiceID: "auth", Title: "t", Status: incident.Investigating, Severity: procedure.P2, Highest: procedure.P2, Declared: true, DeclaredAt: t0, DetectedAt: t0, Procedure: hash}
			return incidents.Insert(tx, w.inc, t0)
		})
		w.emit(event.Declared)
		run(w)
	})
}

func (w *world) update(do func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityAck, do); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) emit(k event.Kind) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error { return w.bus.Emit(tx, t0, event.Event{IncidentID: w.inc.ID, Kind: k}) })
}

func (w *world) tick(at time.Time) {
	w.t.Helper()
	if _, err := w.r.Tick(w.t.Context(), at); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) part() (out *domain.Part) {
	w.t.Helper()
	w.update(func(tx *store.Tx) (err error) {
		out, err = rooms.Find(tx, w.inc.ID, domain.Chat, "")
		return err
	})
	return out
}

// An incident that is closed while its channel is being made leaves none behind.
func TestWhatIsMadeTooLateIsClosed(t *testing.T) {
	each(t, func(w *world) {
		w.c.meanwhile = func() { w.emit(event.Closed) }
		w.tick(t0)
		if p := w.part(); p.State != domain.Closed || w.c.archived != 1 {
			w.t.Errorf("archived %d times, %+v", w.c.archived, p)
		}
	})
}

// A worker that was away for longer than its claim writes nothing over what another
// did since.
func TestAStaleWorkerWritesNothing(t *testing.T) {
	each(t, func(w *world) {
		again := false
		w.c.err = plug.Fail(plug.Retry, "down")
		w.c.meanwhile = func() {
			if again {
				return
			}
			again = true
			w.c.err = nil
			w.tick(t0.Add(time.Minute)) // another node, after the claim ended
			w.c.err = plug.Fail(plug.Retry, "down")
		}
		w.tick(t0)
		if p := w.part(); p.State != domain.Open || p.Problem != "" || w.c.opened != 2 {
			w.t.Errorf("opened %d times, %+v", w.c.opened, p)
		}
	})
}

// What a plug-in did not classify may have happened: it is tried again.
func TestAnUnknownErrorIsTriedAgain(t *testing.T) {
	each(t, func(w *world) {
		w.c.err = errors.New("who knows")
		w.tick(t0)
		if p := w.part(); p.State != domain.Fallback || p.DueAt.IsZero() || p.Instead == nil {
			w.t.Errorf("%+v", p)
		}
		w.c.err = nil
		w.tick(t0.Add(2 * time.Second))
		if p := w.part(); p.State != domain.Open || p.Instead != nil || p.Pinned != "1" {
			w.t.Errorf("%+v", p)
		}
	})
}
