package pull_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/flow/pull"
	"allclear/internal/plug"
)

var t0 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// vendor is a source that says what it is told to.
type vendor struct {
	says  []alert.Signal
	err   error
	asked atomic.Int64
	hang  bool
}

func (v *vendor) Polls() (string, bool) { return "shop", true }

func (v *vendor) Poll(ctx context.Context, _ time.Time) ([]alert.Signal, error) {
	v.asked.Add(1)
	if v.hang {
		<-ctx.Done()
		return nil, fault.Wrap(fault.Unavailable, ctx.Err(), "ask the vendor")
	}
	return slices.Clone(v.says), v.err
}

func down(key string, since time.Time) alert.Signal {
	return alert.Signal{Source: "fake", Action: alert.Trigger, DedupKey: key, Summary: key + " is down", Severity: "critical", StartedAt: since}
}

func up(key string) alert.Signal {
	return alert.Signal{Source: "fake", Action: alert.Resolve, DedupKey: key}
}

// world is the flow over one vendor, with what it hands over.
type world struct {
	*pull.Pull
	vendor
	stands []*alert.Alert
	taken  []string
	last   []alert.Signal
	refuse error
}

func begin() *world {
	w := &world{}
	w.Pull = w.with(&w.vendor)
	return w
}

// with is the flow over a poller.
func (w *world) with(p plug.Poller) *pull.Pull {
	return pull.New(pull.Options{
		Sources: []pull.Source{{Name: "fake", Title: "Fake", Service: "shop", Poller: p}},
		Accept: func(_ context.Context, service, source string, signals []alert.Signal, _ time.Time) error {
			if w.refuse != nil {
				return w.refuse
			}
			for _, s := range signals {
				w.taken = append(w.taken, fmt.Sprintf("%s %s %s %s", service, source, s.Action, s.DedupKey))
			}
			w.last = signals
			return nil
		},
		Standing: func(_ context.Context, source string) ([]*alert.Alert, error) {
			if source != "fake" {
				return nil, fmt.Errorf("asked for the alerts of %q", source)
			}
			return w.stands, nil
		},
	})
}

// look asks at so many minutes and tells what was handed over.
func (w *world) look(t *testing.T, minute int, want ...string) {
	t.Helper()
	w.taken = nil
	w.Tick(t.Context(), t0.Add(time.Duration(minute)*time.Minute))
	if !slices.Equal(w.taken, want) {
		t.Errorf("minute %d: handed over %q, want %q", minute, w.taken, want)
	}
}

func TestOnlyChangesAreHandedOver(t *testing.T) {
	w := begin()
	w.says = []alert.Signal{down("a", t0), up("b"), up("c")}
	w.look(t, 0, "shop fake trigger a") // what is well is no news
	w.look(t, 1)
	w.says = []alert.Signal{down("a", t0), down("b", t0), up("c"), up("new")}
	w.look(t, 2, "shop fake trigger b", "shop fake resolve new")
	w.says = []alert.Signal{up("b"), up("c")} // of a nothing is known any more
	w.look(t, 3, "shop fake resolve b")
	w.says = []alert.Signal{down("a", t0), up("b")}
	w.look(t, 4)
	w.says = []alert.Signal{down("a", t0.Add(4*time.Minute)), up("b")}
	w.look(t, 5, "shop fake trigger a") // another outage, and nobody saw it end in between
	w.says = []alert.Signal{up("a")}
	w.look(t, 6, "shop fake resolve a")
}

func TestFirstLookEndsWhatEndedMeanwhile(t *testing.T) {
	w := begin()
	w.stands = []*alert.Alert{{ServiceID: "shop", Source: "fake", DedupKey: "b"}}
	w.says = []alert.Signal{up("a"), up("b"), up("c")}
	w.look(t, 0, "shop fake resolve b")
}

// A list knows less than a webhook: what that one said stays.
func TestAStandingAlertKeepsWhatItsWebhookSaid(t *testing.T) {
	w := begin()
	told := down("a", t0)
	told.Severity, told.Summary = "warning", "a is down: HTTP Error 503"
	doc, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	w.stands = []*alert.Alert{{ServiceID: "shop", Source: "fake", DedupKey: "a", Details: string(doc)}, {ServiceID: "shop", Source: "fake", DedupKey: "b", Details: "torn"}}
	w.says = []alert.Signal{down("a", t0), down("b", t0)}
	w.look(t, 0, "shop fake trigger a", "shop fake trigger b")
	if w.last[0].Severity != "warning" || w.last[0].Summary != told.Summary || w.last[1].Severity != "critical" {
		t.Errorf("handed over %+v", w.last)
	}
}

// A webhook came by the key of another service: the alert stands there, and what is
// found by asking meets it.
func TestAnAlertIsMetWhereItStands(t *testing.T) {
	w := begin()
	w.stands = []*alert.Alert{{ServiceID: "ledger", DedupKey: "a"}}
	w.says = []alert.Signal{down("a", t0), down("b", t0)}
	w.look(t, 0, "ledger fake trigger a", "shop fake trigger b")
	w.says = []alert.Signal{up("a"), up("b")}
	w.look(t, 1, "ledger fake resolve a", "shop fake resolve b")
}

// loose is a vendor whose list knows less of a thing than its webhooks.
type loose struct{ *vendor }

func (loose) Same(polled, standing string) bool { return strings.HasPrefix(standing, polled+"/") }

func TestAListThatNamesThingsInOtherWords(t *testing.T) {
	w := begin()
	w.Pull = w.with(loose{&w.vendor})
	told := down("a/group", t0)
	told.Severity = "warning"
	doc, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	w.stands = []*alert.Alert{{ServiceID: "shop", DedupKey: "a/group", Details: string(doc)}, {ServiceID: "shop", DedupKey: "ab", Details: "{}"}}
	w.says = []alert.Signal{down("a", t0)}
	w.look(t, 0, "shop fake trigger a/group")
	if w.last[0].Severity != "warning" {
		t.Errorf("handed over %+v", w.last)
	}
	w.says = []alert.Signal{up("a")}
	w.look(t, 1, "shop fake resolve a/group")
}

func TestWhatWasNotTakenIsNewAgain(t *testing.T) {
	w := begin()
	w.says, w.refuse = []alert.Signal{down("a", t0)}, errors.New("the database is gone")
	w.look(t, 0)
	if s := w.States()[0]; s.Failures != 1 || s.Problem != "the database is gone" || !s.WorkedAt.IsZero() {
		t.Errorf("state %+v", s)
	}
	w.refuse = nil
	w.look(t, 1, "shop fake trigger a")
	if s := w.States()[0]; s.Failures != 0 || s.Problem != "" || !s.WorkedAt.Equal(t0.Add(time.Minute)) {
		t.Errorf("state %+v", s)
	}
}

func TestBackingOff(t *testing.T) {
	w := begin()
	w.err = fault.New(fault.Unavailable, "ask Fake: it is down")
	var at []int
	for m := range 60 {
		before := w.asked.Load()
		w.look(t, m)
		if w.asked.Load() > before {
			at = append(at, m)
		}
	}
	if want := []int{0, 1, 3, 7, 15, 25, 35, 45, 55}; !slices.Equal(at, want) {
		t.Errorf("asked at minutes %v, want %v", at, want)
	}
	if s := w.States()[0]; s.Failures != 9 || s.Problem != "ask Fake: it is down" || s.Title != "Fake" || s.Service != "shop" {
		t.Errorf("state %+v", s)
	}
	// A wish of the vendor counts where it is the longer one.
	w = begin()
	w.err = fault.Wrap(fault.Unavailable, &plug.Failure{Kind: plug.Retry, RetryAfter: 30 * time.Minute, Err: errors.New("429")}, "ask Fake")
	w.look(t, 0)
	if s := w.States()[0]; !s.NextAt.Equal(t0.Add(30 * time.Minute)) {
		t.Errorf("next at %s", s.NextAt)
	}
}

// One that never answers holds up no other, and is given up after half a minute.
func TestASlowSourceHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, good := &vendor{hang: true}, &vendor{}
		p := pull.New(pull.Options{
			Sources:  []pull.Source{{Name: "slow", Poller: slow}, {Name: "good", Poller: good}},
			Accept:   func(context.Context, string, string, []alert.Signal, time.Time) error { return nil },
			Standing: func(context.Context, string) ([]*alert.Alert, error) { return nil, nil },
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, time.Now) }()
		time.Sleep(29 * time.Second)
		if s := p.States(); s[1].WorkedAt.IsZero() || s[0].Failures != 0 {
			t.Errorf("after 29 s: %+v", s)
		}
		time.Sleep(2 * time.Second)
		if s := p.States(); s[0].Failures != 1 || s[0].Problem == "" {
			t.Errorf("after 31 s: %+v", s)
		}
		time.Sleep(10 * time.Minute)
		if n := good.asked.Load(); n < 10 || n > 11 {
			t.Errorf("the other was asked %d times in 10.5 minutes", n)
		}
		before := p.States()[0].Failures
		stop()
		if err := <-done; err != nil || p.States()[0].Failures != before {
			t.Errorf("%v %+v", err, p.States())
		}
	})
}
