package access

import (
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// cheap keeps tests fast; what it protects is not tested here.
var cheap = Cost{Memory: 64, Passes: 1, Threads: 1}

var start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

const pass = "correct horse battery"

type world struct {
	t    *testing.T
	db   *store.DB
	a    *Access
	root Identity
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { run(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, a: New(db, jobs.NewBus(), Options{Cost: cheap, Box: box})}
	acc, err := w.a.Bootstrap(t.Context(), start, NewAccount{Email: "Root@Example.com ", PersonID: "root", Password: pass})
	if err != nil {
		t.Fatal(err)
	}
	w.root = w.signIn(start, acc.Email)
	return w
}

func (w *world) signIn(now time.Time, email string) Identity {
	w.t.Helper()
	s, err := w.a.SignIn(w.t.Context(), now, email, pass, "")
	if err != nil {
		w.t.Fatalf("sign in as %s: %v", email, err)
	}
	return s.Who
}

func (w *world) account(person string, role authz.Role) Account {
	w.t.Helper()
	acc, err := w.a.CreateAccount(w.t.Context(), start, w.root, NewAccount{Email: person + "@example.com", PersonID: person, Role: role, Password: pass})
	if err != nil {
		w.t.Fatal(err)
	}
	return acc
}

func (w *world) token(now time.Time, who Identity, in NewToken) (Token, string) {
	w.t.Helper()
	t, plain, err := w.a.CreateToken(w.t.Context(), now, who, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return t, plain.Reveal()
}

// kinds lists what is on the record.
func (w *world) kinds() map[event.Kind]int {
	w.t.Helper()
	out := map[event.Kind]int{}
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		es, err := events.After(tx, 0, 1000)
		for _, e := range es {
			out[e.Kind]++
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
