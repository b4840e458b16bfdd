// Package sources owns what people see of the sources of events: which there are and
// how each is set up, what one would make of a payload, and how each fares by each
// integration key or when it is asked. It must not take an event in, a test event
// neither: that is intake's. Nothing that is tried here is stored or pages anybody.
package sources

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// Options are what the flow stands on.
type Options struct {
	DB    *store.DB
	Hooks []plug.Hook
	// Pulls tells how the asking of sources goes; nil: none is asked.
	Pulls func() []Pull
	// Test takes a test event in that stands for no trouble.
	Test func(ctx context.Context, a authz.Actor, key ident.ID, service string, s alert.Signal, now time.Time) (*alert.Alert, error)
}

// Sources is safe for concurrent use. Make it with New.
type Sources struct {
	o     Options
	db    *store.DB
	hooks []plug.Hook

	mu     sync.Mutex
	fresh  map[place]*tally // since the last flush
	pruned time.Time
}

// New returns the sources among the hooks. Those that are only called back, such as
// a chat, are none.
func New(o Options) *Sources {
	s := &Sources{o: o, db: o.DB, fresh: map[place]*tally{}}
	for _, h := range o.Hooks {
		if h.Source != nil && h.Callback == nil {
			s.hooks = append(s.hooks, h)
		}
	}
	return s
}

// Pull is how the asking of a source goes, on this node.
type Pull struct {
	Source   string
	Service  string    // that its alerts belong to where none stands yet
	AskedAt  time.Time // last; zero for never
	WorkedAt time.Time // when it last worked
	Failures int       // in a row
	Problem  string    // of the last look; empty: it worked
	NextAt   time.Time
}

// Source is one way in as it is set up.
type Source struct {
	plug.Manifest
	MaxBody int64
	Mapped  bool // the owner of a key can change how payloads are read
	Tryable bool // Try can judge a payload
	Health  Health
	Pull    *Pull // nil: it is not asked
}

// KeyKind is of the integration keys it takes.
func (s Source) KeyKind() string {
	if strings.Contains(s.Address(), "{key}") {
		return "hooks"
	}
	return "events"
}

// List returns every source with what came from it by all keys together.
func (s *Sources) List(ctx context.Context, a authz.Actor, now time.Time) ([]Source, error) {
	all, err := s.Health(ctx, a, now)
	if err != nil {
		return nil, err
	}
	pulls := map[string]*Pull{}
	if s.o.Pulls != nil {
		for _, p := range s.o.Pulls() {
			pulls[p.Source] = &p
		}
	}
	out := make([]Source, len(s.hooks))
	for i, h := range s.hooks {
		_, mapped := h.Source.(plug.Mapper)
		out[i] = Source{Manifest: h.Manifest, MaxBody: h.MaxBody, Mapped: mapped, Tryable: tryable(h), Health: Health{Source: h.Name}, Pull: pulls[h.Name]}
		for _, of := range all {
			for _, one := range of {
				if one.Source == h.Name {
					out[i].Health = out[i].Health.and(one)
				}
			}
		}
	}
	return out, nil
}

// tryable: who has to fetch something before it judges a call, such as the
// certificate a signature names, cannot judge a payload alone.
func tryable(h plug.Hook) bool {
	_, fetches := h.Source.(plug.Preparer)
	return !fetches
}

// Trial is a payload to try.
type Trial struct {
	Payload []byte // empty: the sample of the source
	Mapping string // for a source that is read by one; empty: its own way
}

// Tried is what a source makes of a payload.
type Tried struct {
	Signals []alert.Signal
	Changes []alert.Change
	Tickets []ticket.Report
	Skipped int            // items that the mapping left out
	Notes   []fault.Detail // fields that came out empty or unusable
	Problem string         // why nothing is made of it, or of a part; empty: all is well
	Refused []fault.Detail // where
}

// Try shows what a source makes of a payload. Nothing is stored and nobody is told.
// No proof is asked for: whoever tries is known.
func (s *Sources) Try(a authz.Actor, name string, t Trial, now time.Time) (Tried, error) {
	if err := authz.Can(a, authz.ManageAccess, authz.Resource{Kind: "source"}); err != nil {
		return Tried{}, err
	}
	h, ok := s.find(name)
	if !ok {
		return Tried{}, authz.NotFound("source", name)
	}
	if !tryable(h) {
		return Tried{}, fault.New(fault.Invalid, "a payload of %s cannot be tried: it is judged by the signature of its sender, and a sample has none", h.Manifest.Title)
	}
	if len(t.Payload) == 0 {
		t.Payload = []byte(h.Manifest.Sample)
	}
	if int64(len(t.Payload)) > h.MaxBody {
		return Tried{}, fault.New(fault.Invalid, "the payload is larger than the source takes").With("body.payload", "has more bytes than may come in one call")
	}
	m, mapped := h.Source.(plug.Mapper)
	if mapped {
		if err := m.CheckMapping(t.Mapping); err != nil {
			return Tried{}, misled(err)
		}
	} else if t.Mapping != "" {
		return Tried{}, misled(fault.New(fault.Invalid, "this source has no mapping").With("", "only generic payloads are read by one"))
	}
	out, err := read(h, t, now)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return Tried{Problem: f.Message, Refused: f.Details}, nil
	}
	return out, err
}

// read has the source read it, by the mapping where there is one.
func read(h plug.Hook, t Trial, now time.Time) (Tried, error) {
	if m, ok := h.Source.(plug.Mapper); ok {
		got, err := m.TestMapping(t.Mapping, t.Payload)
		return Tried{Signals: got.Signals, Skipped: got.Skipped, Notes: got.Notes}, err
	}
	got, err := h.Source.Parse(plug.Inbound{Body: t.Payload, ContentType: kind(t.Payload), Now: now, ID: "generated"})
	out := Tried{Signals: got.Signals, Changes: got.Changes, Tickets: got.Tickets, Refused: got.Refused}
	if len(got.Refused) > 0 {
		out.Problem = "a part of the payload could not be used; the rest would be taken"
	}
	return out, err
}

// kind is the content type that a sender of such a payload would give.
func kind(payload []byte) string {
	if first := bytes.TrimSpace(payload); len(first) > 0 && first[0] != '{' && first[0] != '[' && bytes.ContainsRune(first, '=') {
		return "application/x-www-form-urlencoded"
	}
	return "application/json"
}

// misled puts what is wrong with a mapping below its field.
func misled(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	moved := fault.New(f.Kind, "%s", f.Message)
	for _, d := range f.Details {
		moved = moved.With("body.mapping"+d.Where, d.What)
	}
	return moved
}

func (s *Sources) find(name string) (plug.Hook, bool) {
	for _, h := range s.hooks {
		if h.Name == name {
			return h, true
		}
	}
	return plug.Hook{}, false
}
