package sources

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	admin = authz.Actor{ID: "root", Role: authz.Admin}
)

// key makes an integration key.
func key(t *testing.T, db *store.DB) (id ident.ID) {
	t.Helper()
	err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		id = tx.NewID(start)
		return accounts.InsertKey(tx, &accounts.Key{ID: id, Hash: "h", Kind: "hooks", ServiceID: "api", CreatedAt: start})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func fares(t *testing.T, s *Sources, k ident.ID, now time.Time) Health {
	t.Helper()
	all, err := s.Health(t.Context(), admin, now)
	if err != nil || len(all[k]) > 1 {
		t.Fatalf("%+v %v", all, err)
	}
	if len(all[k]) == 0 {
		return Health{}
	}
	return all[k][0]
}

// What is counted is the same before it is written, after, and on another node; it
// ages by the hour, and goes with its key.
func TestHealthIsWrittenDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		here, there, k := New(Options{DB: db}), New(Options{DB: db}), key(t, db)
		bad := fault.New(fault.Invalid, "no use").With("/kind", "is missing")
		here.Count(k, "datadog", nil, start)
		here.Count(k, "datadog", bad, start.Add(time.Second))
		want := Health{Source: "datadog", AcceptedAt: start, RefusedAt: start.Add(time.Second), Reason: "no use; /kind is missing", Accepted: 1, Refused: 1}
		if got := fares(t, here, k, start); got != want {
			t.Errorf("in memory: %+v", got)
		}
		for range 2 { // the second has nothing to write
			if err := here.Tick(t.Context(), start.Add(2*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if got := fares(t, there, k, start); got != want {
			t.Errorf("written: %+v", got)
		}
		// A node that writes late brings nothing back.
		there.Count(k, "datadog", nil, start.Add(-time.Minute))
		there.Count(k, "datadog", fault.New(fault.TooLarge, "too large"), start.Add(-time.Minute))
		if err := there.Tick(t.Context(), start.Add(3*time.Second)); err != nil {
			t.Fatal(err)
		}
		want.Accepted, want.Refused = 2, 2
		if got := fares(t, here, k, start.Add(23*time.Hour)); got != want {
			t.Errorf("of two nodes: %+v", got)
		}
		want.Accepted, want.Refused = 0, 0
		if got := fares(t, here, k, start.Add(26*time.Hour)); got != want {
			t.Errorf("a day later: %+v", got)
		}
		if err := here.Tick(t.Context(), start.Add(26*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if dump := storetest.Dump(t, db); !strings.Contains(dump, "no use") || fares(t, here, k, start.Add(2*time.Second)) != want {
			t.Error("old counts are kept, or the last refusal is not")
		}
		if err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error { return accounts.DeleteKey(tx, k) }); err != nil {
			t.Fatal(err)
		}
		if err := here.Tick(t.Context(), start.Add(28*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := fares(t, here, k, start.Add(28*time.Hour)); got != (Health{}) {
			t.Errorf("of a key that is gone: %+v", got)
		}
		if _, err := here.Health(t.Context(), authz.Actor{ID: "ana", Role: authz.Responder}, start); !fault.Is(err, fault.Refused) {
			t.Errorf("for a responder: %v", err)
		}
	})
}

// What is our own failure says nothing about a source.
func TestOurFailuresAreNotCounted(t *testing.T) {
	db := storetest.SQLite(t)
	s := New(Options{DB: db})
	for _, kind := range []fault.Kind{fault.Internal, fault.Conflict, fault.Busy, fault.Unavailable} {
		s.Count(7, "datadog", fault.New(kind, "ours"), start)
	}
	s.Count(7, "datadog", context.Canceled, start)
	if got := fares(t, s, 7, start); got != (Health{}) {
		t.Errorf("%+v", got)
	}
	for i, kind := range []fault.Kind{fault.Invalid, fault.Unauthenticated, fault.Refused, fault.TooLarge, fault.NotFound} {
		s.Count(7, "datadog", fault.New(kind, "theirs"), start)
		if got := fares(t, s, 7, start); got.Refused != int64(i+1) || got.Reason != "theirs" {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

// A database that does not take it is tried again with all that came since.
func TestNothingIsLostWhileTheDatabaseIsAway(t *testing.T) {
	db := storetest.SQLite(t)
	s, k := New(Options{DB: db}), key(t, db)
	s.Count(k, "datadog", nil, start)
	s.Count(k, "datadog", errors.Join(fault.New(fault.Invalid, "first")), start)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Tick(ended, start); err == nil {
		t.Fatal("written nevertheless")
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				s.Count(k, "datadog", nil, start.Add(time.Second))
				_ = s.Tick(ended, start)
			}
		})
	}
	wg.Wait()
	if err := s.Tick(t.Context(), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	got := fares(t, New(Options{DB: db}), k, start.Add(time.Minute))
	if got.Accepted != 801 || got.Refused != 1 || got.Reason != "first" || !got.AcceptedAt.Equal(start.Add(time.Second)) {
		t.Errorf("%+v", got)
	}
}

// It is written every few seconds, and once more at the end.
func TestRunWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.SQLite(t)
		s, k := New(Options{DB: db}), key(t, db)
		ctx, stop := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() {
			if err := s.Run(ctx, time.Now, func(err error) { t.Error(err) }); err != nil {
				t.Error(err)
			}
		})
		s.Count(k, "datadog", nil, time.Now())
		time.Sleep(pause + time.Second)
		if got := fares(t, New(Options{DB: db}), k, time.Now()); got.Accepted != 1 {
			t.Errorf("after a while: %+v", got)
		}
		s.Count(k, "datadog", nil, time.Now())
		stop()
		ended.Wait()
		if got := fares(t, New(Options{DB: db}), k, time.Now()); got.Accepted != 2 {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// strict reads one word alone.
type strict struct{}

func (strict) Parse(in plug.Inbound) (plug.Received, error) {
	if string(in.Body) != "good" {
		return plug.Received{}, fault.New(fault.Invalid, "no use").With("/kind", "is missing")
	}
	return plug.Received{Signals: []alert.Signal{{Summary: "as the sender writes it", Origin: "web-1"}}}, nil
}

// A test goes in as the key reads the source's sample, and says where it cannot.
func TestAKeyIsTestedByTheSample(t *testing.T) {
	db := storetest.SQLite(t)
	k := key(t, db)
	var got []alert.Signal
	s := New(Options{DB: db, Hooks: []plug.Hook{
		{Name: "good", Source: strict{}, Manifest: plug.Manifest{Name: "good", Source: "good", Title: "Good", Sample: "good"}},
		{Name: "bad", Source: strict{}, Manifest: plug.Manifest{Name: "bad", Source: "bad", Title: "Bad", Sample: "bad"}},
	}, Test: func(_ context.Context, _ authz.Actor, id ident.ID, service string, s alert.Signal, now time.Time) (*alert.Alert, error) {
		if id != k || service != "api" || !now.Equal(start) {
			t.Errorf("key %v, service %q, at %s", id, service, now)
		}
		got = append(got, s)
		return &alert.Alert{}, nil
	}})
	for source, want := range map[string]string{"good": "", "bad": "no use; /kind is missing"} {
		sent, err := s.Test(t.Context(), admin, k, source, start)
		if err != nil || sent.Problem != want || sent.Source != source {
			t.Errorf("%s: %+v %v", source, sent, err)
		}
	}
	for _, g := range got {
		if g.Summary != "Test from Allclear" || g.Severity != "info" || g.Labels["test"] != "allclear" || (g.Source == "good") != (g.Origin == "web-1") || g.DedupKey != "allclear-test/"+k.String()+"/"+g.Source {
			t.Errorf("%+v", g)
		}
	}
	if len(got) != 2 {
		t.Errorf("taken in: %+v", got)
	}
	if _, err := s.Test(t.Context(), authz.Actor{ID: "ana", Role: authz.Responder}, k, "good", start); !fault.Is(err, fault.Refused) {
		t.Errorf("a responder: %v", err)
	}
}
