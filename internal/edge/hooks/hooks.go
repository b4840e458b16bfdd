// Package hooks owns the ways in for outside systems: the Events API v2, the
// Alertmanager API v2 and POST /hooks/{source}/{key}. It bounds and keeps the
// bytes, finds the service by the key, has the source parse them, and answers
// only when what it took is durable (INV-I1, INV-I2). It must not know a
// vendor's payload, judge an event or reach the store.
package hooks

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/flow/access"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/mirror"
	"allclear/internal/flow/paging"
	"allclear/internal/flow/tickets"
	"allclear/internal/plug"
)

// The kinds of integration keys.
const (
	KindEvents = "events" // a routing_key of the Events API
	KindHooks  = "hooks"  // the {key} of /alertmanager and /hooks
)

// Intake takes arrivals in; a nil error means that the arrival is durable.
type Intake interface {
	Accept(ctx context.Context, a intake.Arrival) error
	Reject(ctx context.Context, r intake.Rejected) error
}

// Mirror takes what people did to copies of our incidents. A copy that is not
// kept is fault.NotFound.
type Mirror interface {
	Tell(ctx context.Context, channel string, w mirror.Word, now time.Time) error
}

// Rooms takes what vendors tell of the channels and meetings of incidents. What is of
// none of them is left.
type Rooms interface {
	Listen(ctx context.Context, provider string, s plug.Saying, now time.Time) error
	Watch(ctx context.Context, provider string, s plug.Presence, now time.Time) error
}

// Orders carries out what people ask for in a chat, and answers in words for them.
type Orders interface {
	Carry(ctx context.Context, provider string, o plug.Order, now time.Time) plug.Answered
}

// Tickets takes customers' tickets in; a nil error means that they are durable.
type Tickets interface {
	Take(ctx context.Context, a tickets.Arrival) error
}

// Silences keeps silences and tells what stands, for the Alertmanager API. An
// id of another service is answered like a missing one (fault.NotFound).
type Silences interface {
	SetSilence(ctx context.Context, s alert.Silence, now time.Time) (id string, err error)
	EndSilence(ctx context.Context, service, id string, now time.Time) error
	Silences(ctx context.Context, service string) ([]alert.Silence, error)
	Standing(ctx context.Context, service string) ([]*alert.Alert, []alert.Silence, error)
}

// Keys finds what an integration key of a kind stands for; fault.NotFound for
// none. It compares hashes, so that its time tells nothing about a key.
type Keys interface {
	Find(ctx context.Context, kind, key string) (*access.Key, error)
}

// Health is told what became of each call by a key; nil means that it is durable. It
// must not make the call wait.
type Health interface {
	Count(key ident.ID, source string, err error, now time.Time)
}

// Answers takes what people answered to pages, and what providers say became of
// their messages. A refusal is a fault that the person is told; an Internal or
// Unavailable one has the provider call again.
type Answers interface {
	Answer(ctx context.Context, a paging.Answer, now time.Time) (paging.Answered, error)
	Confirm(ctx context.Context, c paging.Confirmation, now time.Time) error
}

// Outside takes what providers say of the addresses of customers' contacts. What is
// no message to one is left.
type Outside interface {
	Arrived(ctx context.Context, delivery ident.ID, now time.Time) error
	Failed(ctx context.Context, delivery ident.ID, provider, detail string, gone bool, now time.Time) error
	Heard(ctx context.Context, channel, address, provider string, out bool, now time.Time) error
}

// Options of New. All but the last four are needed, Answers only for plug-ins
// that are called back, Tickets only for those that tell of tickets.
type Options struct {
	Sources   []plug.Hook
	Intake    Intake
	Answers   Answers
	Mirror    Mirror
	Rooms     Rooms   // nil: nothing is kept of what is said in channels
	Orders    Orders  // nil: nothing can be asked for in a chat
	Outside   Outside // nil: nothing is kept of what customers say of being told
	Tickets   Tickets
	Silences  Silences
	Keys      Keys
	Health    Health // nil: nobody is told
	Log       *slog.Logger
	PublicURL string           // of this listener as others reach it, without a trailing slash
	Now       func() time.Time // stamped once per call
	Version   string           // of this program, told by the Alertmanager API
	NewID     func() string    // unique text; random by default
}

// Hooks serves the ways in. Make it with New.
type Hooks struct {
	Options
	sources map[string]plug.Hook
	started time.Time
}

// New returns the handlers.
func New(o Options) *Hooks {
	h := &Hooks{Options: o, sources: map[string]plug.Hook{}}
	for _, s := range o.Sources {
		h.sources[s.Name] = s
	}
	if h.Now == nil {
		h.Now = func() time.Time { return time.Now().UTC() }
	}
	if h.NewID == nil {
		h.NewID = randomID
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	h.started = h.Now()
	return h
}

// Register adds the routes. They name no method, so that another method is
// answered 405 here, whatever else the mux serves.
func (h *Hooks) Register(mux *http.ServeMux) {
	mux.HandleFunc("/v2/enqueue", func(w http.ResponseWriter, r *http.Request) { h.events(w, r, "") })
	mux.HandleFunc("/v2/change/enqueue", func(w http.ResponseWriter, r *http.Request) { h.events(w, r, "change") })
	mux.HandleFunc("/hooks/{source}/{key}", h.hook)
	mux.HandleFunc("/hooks/{source}/{key}/{below...}", h.hook)
	mux.HandleFunc("/hooks/", h.nowhere)
	mux.HandleFunc("/alertmanager/{key}/api/v2/{rest...}", h.alertmanager)
	mux.HandleFunc("/alertmanager/", h.nowhere)
}

// randomID is 32 hexadecimal digits, as PagerDuty's generated keys are.
func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
