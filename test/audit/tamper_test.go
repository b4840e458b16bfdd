// Package audit_test does to the record what somebody with the database's
// password could, and sees whether verifying finds it.
package audit_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/flow/audit"
	"allclear/internal/store"
	rows "allclear/internal/store/audit"
	"allclear/internal/store/events"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// atOnce is more than enough for one seal.
const atOnce = 1000

var (
	start   = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	auditor = authz.Actor{ID: "audrey", Role: authz.Auditor}
)

type world struct {
	t  testing.TB
	db *store.DB
	a  *audit.Audit
	s  note.Signer
	by note.Verifier
	at time.Time
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	by, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: db, a: audit.New(db, s), s: s, by: by, at: start}
}

// write appends entries a minute after the last, and returns their ids.
func (w *world) write(n int) (ids []ident.ID) {
	w.t.Helper()
	w.at = w.at.Add(time.Minute)
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		es := make([]*event.Event, n)
		for i := range es {
			es[i] = &event.Event{Kind: event.Noted, Actor: "ana", Source: "api", At: w.at, RecordedAt: w.at, Data: event.Data{Text: fmt.Sprint("a note of usual length, with some words and the number ", i)}}
		}
		if err := events.Append(tx, es...); err != nil {
			return err
		}
		ids = make([]ident.ID, n)
		for i, e := range es {
			ids[i] = e.ID
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func (w *world) seal() {
	w.t.Helper()
	if err := w.a.Tick(w.t.Context(), w.at); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) verify(kept string) audit.Report {
	w.t.Helper()
	r, err := w.a.Verify(w.t.Context(), auditor, w.by, []byte(kept))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) last() string {
	w.t.Helper()
	c, err := w.a.Last(w.t.Context(), auditor)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Note
}

// sql does what somebody with the database's password could do.
func (w *world) sql(query string, args ...any) {
	w.t.Helper()
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		n, err := tx.Exec(query, args...)
		if err == nil && n == 0 {
			return fmt.Errorf("nothing changed by %s", query)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestSealsAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		if _, err := w.a.Last(t.Context(), auditor); !fault.Is(err, fault.NotFound) {
			t.Errorf("before the first: %v", err)
		}
		if r := w.verify(""); r.Problem != "" || r.Sealed != 0 {
			t.Errorf("%+v", r)
		}
		w.write(7)
		if r := w.verify(""); r.Problem != "" || r.Unsealed != 7 {
			t.Errorf("not sealed yet: %+v", r)
		}
		w.seal()
		early := w.last()
		w.write(atOnce + 5) // more than one seal takes
		w.seal()
		if w.seal(); !strings.Contains(w.last(), fmt.Sprintf("\n%d\n", atOnce+12)) {
			t.Errorf("%s", w.last())
		}
		w.write(1)
		if r := w.verify(early); r.Problem != "" || r.Sealed != atOnce+12 || r.Unsealed != 1 || !r.Anchored || !r.SealedAt.Equal(w.at.Add(-time.Minute)) {
			t.Errorf("%+v", r)
		}
		if r := w.verify(""); r.Anchored || r.Problem != "" {
			t.Errorf("without a checkpoint from elsewhere: %+v", r)
		}
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder} {
			if _, err := w.a.Verify(t.Context(), authz.Actor{ID: "x", Role: role}, w.by, nil); !fault.Is(err, fault.Refused) {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}

// Whatever is done to the record behind the product's back is found, with the
// first entry that is wrong.
// Clauses: PLT-PD-TL, AUD-TIMELINE
func TestTamperingIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world, ids []ident.ID)
		want string
		bad  int // place of the entry that is named; -1: none
	}{
		"text edited":    {func(w *world, ids []ident.ID) { w.sql("update events set data = '{}' where id = $1", int64(ids[4])) }, "was changed", 4},
		"actor edited":   {func(w *world, ids []ident.ID) { w.sql("update events set actor = 'bo' where id = $1", int64(ids[0])) }, "was changed", 0},
		"back-dated":     {func(w *world, ids []ident.ID) { w.sql("update events set at = at - 1 where id = $1", int64(ids[9])) }, "was changed", 9},
		"deleted":        {func(w *world, ids []ident.ID) { w.sql("delete from events where id = $1", int64(ids[5])) }, "was deleted", 5},
		"renumbered":     {func(w *world, ids []ident.ID) { w.sql("update events set id = id + 1 where id = $1", int64(ids[9])) }, "was deleted", 9},
		"seal removed":   {func(w *world, ids []ident.ID) { w.sql("delete from audit_leaves where n = 3") }, "the seal at position 3", -1},
		"entry and seal": {forge, "not what was signed", 9},
		"order of seals": {func(w *world, ids []ident.ID) {
			w.sql("update audit_leaves set n = case n when 2 then -1 else n end where n = 2")
			w.sql("update audit_leaves set n = 2 where n = 3")
			w.sql("update audit_leaves set n = 3 where n = -1")
		}, "not what was signed", 9},
		"put in": {func(w *world, ids []ident.ID) {
			w.sql("insert into events(id, incident_id, kind, actor, source, at, recorded_at, restricted, data) values($1,0,'k','a','s',1,1,false,'{}')", int64(ident.At(start.Add(-2*time.Hour))))
		}, "was put in", -2},
		"checkpoint forged": {func(w *world, ids []ident.ID) {
			w.sql("update audit_checkpoints set note = replace(note, 'audit', 'other')")
		}, "is not signed", -1},
		"checkpoints gone": {func(w *world, ids []ident.ID) { w.sql("delete from audit_checkpoints") }, "seals were removed", -1},
		"leaves gone":      {func(w *world, ids []ident.ID) { w.sql("delete from audit_leaves") }, "seals were removed", -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.SQLite(t))
			ids := w.write(10)
			w.seal()
			if r := w.verify(""); r.Problem != "" {
				t.Fatalf("%+v", r)
			}
			tt.do(w, ids)
			r := w.verify("")
			if !strings.Contains(r.Problem, tt.want) {
				t.Fatalf("%+v", r)
			}
			if tt.bad >= 0 && (r.Entry != ids[tt.bad].String() || r.Position != int64(tt.bad)) || tt.bad == -2 && r.Entry == "" {
				t.Errorf("%+v names another entry", r)
			}
		})
	}
}

// forge changes an entry, and the seal over it to fit.
func forge(w *world, ids []ident.ID) {
	w.t.Helper()
	w.sql("update events set actor = 'bo' where id = $1", int64(ids[4]))
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		var hash string
		err := rows.Walk(tx, func(s *rows.Sealed) error {
			if s.EventID == int64(ids[4]) {
				hash = s.Row.Leaf().String()
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec("update audit_leaves set hash = $2 where event_id = $1", int64(ids[4]), hash)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A cut tail and a history written anew are consistent in themselves: only a
// checkpoint that was kept elsewhere shows them.
func TestACheckpointElsewhereShowsACutTail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.write(4)
		w.seal()
		ids := w.write(3)
		w.seal()
		kept := w.last()
		for _, id := range ids {
			w.sql("delete from events where id = $1", int64(id))
		}
		w.sql("delete from audit_leaves where n >= 4")
		w.sql("delete from audit_checkpoints where size > 4")
		if r := w.verify(""); r.Problem != "" || r.Anchored {
			t.Errorf("what nobody can see: %+v", r)
		}
		if r := w.verify(kept); !strings.Contains(r.Problem, "cut off") {
			t.Errorf("cut: %+v", r)
		}
		w.write(3) // with the key, another end is made
		w.seal()
		if r := w.verify(""); r.Problem != "" || r.Sealed != 7 {
			t.Errorf("%+v", r)
		}
		if r := w.verify(kept); !strings.Contains(r.Problem, "another history") {
			t.Errorf("a fork: %+v", r)
		}
		if _, err := w.a.Verify(t.Context(), auditor, newWorld(t, db).by, []byte(kept)); !fault.Is(err, fault.Invalid) {
			t.Errorf("by another's key: %v", err)
		}
	})
}

// On PostgreSQL a transaction with a smaller id can commit after a seal.
func TestLateEntriesAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.write(3)
		w.seal()
		late := ident.At(start.Add(30 * time.Second))
		w.sql("insert into events(id, incident_id, kind, actor, source, at, recorded_at, restricted, data) values($1,0,'k','a','s',1,1,true,'{}')", int64(late))
		w.seal()
		if r := w.verify(""); r.Problem != "" || r.Sealed != 4 || r.Unsealed != 0 {
			t.Errorf("%+v", r)
		}
	})
}
