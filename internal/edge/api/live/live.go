// Package live owns the stream of changes that consoles follow: it is woken by
// hints and tells what the record holds. It must not know routes, and it tells
// nobody what the board would not show.
package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/flow/board"
)

// The live stream: server-sent events (HTML standard, 9.2). What is sent comes
// from the record, never from memory, so a reader that comes back goes on where
// it was, and a slow one costs nothing but its connection.

const (
	heartbeat = 15 * time.Second
	// glance is how often the record is looked at without a hint: other nodes
	// write too.
	glance = 2 * time.Second
	// Writing is how long a reader may take for one portion before it is
	// dropped.
	Writing = 10 * time.Second
	portion = 200
	// settling is how far back a glance looks for entries that another
	// transaction committed later although their ids are older.
	settling = 5 * time.Second
	// Gathering is how long a hint waits for more of the same.
	Gathering  = 100 * time.Millisecond
	maxStreams = 1000
)

// Changes wakes the streams when something was written. Make it with
// NewChanges and hand Tell to jobs.Bus.Watch.
type Changes struct {
	mu      sync.Mutex
	readers map[chan struct{}]bool
}

// NewChanges returns one that nobody listens to yet.
func NewChanges() *Changes { return &Changes{readers: map[chan struct{}]bool{}} }

// Tell says that an entry was committed. It never blocks.
func (c *Changes) Tell(event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r := range c.readers {
		select {
		case r <- struct{}{}:
		default: // it is awake already
		}
	}
}

// Listen gives a reader its hint until stop; fault.Unavailable when too many
// listen.
func (c *Changes) Listen() (hint <-chan struct{}, stop func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.readers) >= maxStreams {
		return nil, nil, fault.New(fault.Unavailable, "%d streams are open already", maxStreams)
	}
	r := make(chan struct{}, 1)
	c.readers[r] = true
	return r, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.readers, r)
	}, nil
}

// Readers is how many follow now.
func (c *Changes) Readers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.readers)
}

// Change is the data of one event of the stream.
type Change struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Incident string `json:"incident,omitempty"`
}

// resumeAt is the entry after which the reader goes on: the one it names, else
// the newest. An entry that is not there yet would leave it deaf.
func (s *Stream) resumeAt(r *http.Request, actor authz.Actor) (ident.ID, error) {
	newest, err := s.Board.Last(r.Context(), actor)
	if err != nil {
		return 0, err
	}
	where, name := "header.Last-Event-ID", r.Header.Get("Last-Event-ID")
	if name == "" {
		where, name = "query.after", r.URL.Query().Get("after")
	}
	switch name {
	case "":
		return newest, nil
	case "0":
		return 0, nil
	}
	id, err := ident.Parse(name)
	if err != nil {
		return 0, fault.New(fault.Invalid, "validation failed").With(where, "not the id of an event")
	}
	return min(id, newest), nil
}

// Stream writes the record to whoever follows it.
type Stream struct {
	Board    *board.Board
	Changes  *Changes
	Identify func(r *http.Request) (authz.Actor, error) // asked again at every heartbeat
}

// Serve writes until the reader goes. An error is what is wrong with the
// request; nothing has been written then.
func (s *Stream) Serve(w http.ResponseWriter, r *http.Request, actor authz.Actor) error {
	hint, stop, err := s.Changes.Listen()
	if err != nil {
		return err
	}
	defer stop()
	f := &follower{Stream: s, actor: actor, w: w, r: r, out: http.NewResponseController(w)}
	if f.from, err = s.resumeAt(r, actor); err != nil {
		return err
	}
	if f.last = f.from; s.Board.OutOfOrder() {
		f.sent = map[ident.ID]bool{}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must not wait for more
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead || f.write("retry: 2000\n: here\n\n") != nil {
		return nil
	}
	f.follow(hint)
	return nil
}

// follower writes the record to one reader.
type follower struct {
	*Stream
	actor authz.Actor
	w     http.ResponseWriter
	r     *http.Request
	out   *http.ResponseController
	from  ident.ID          // nothing up to here is the reader's
	last  ident.ID          // everything up to here was looked at
	sent  map[ident.ID]bool // what of the last moments was sent, where entries come late
}

// follow writes until the reader goes, is too slow, or loses its rights.
func (s *follower) follow(hint <-chan struct{}) {
	beat, look := time.NewTicker(heartbeat), time.NewTicker(glance)
	defer beat.Stop()
	defer look.Stop()
	ctx := s.r.Context()
	for s.catchUp(ctx) == nil {
		select {
		case <-ctx.Done():
			return
		case <-hint:
			gather(ctx)
		case <-look.C:
		case <-beat.C:
			who, err := s.Identify(s.r)
			if err != nil || s.write(": still here\n\n") != nil {
				return
			}
			s.actor = who
		}
	}
}

// gather lets a burst come together, so that it is read once.
func gather(ctx context.Context) {
	t := time.NewTimer(Gathering)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// catchUp writes what is new, portion by portion.
func (s *follower) catchUp(ctx context.Context) error {
	from := s.settled()
	for {
		p, last, more, err := s.Board.Since(ctx, s.actor, from, portion)
		if err != nil {
			return err
		}
		var text []byte
		for _, c := range p.Items {
			if s.sent[c.ID] {
				continue
			}
			if s.sent != nil {
				s.sent[c.ID] = true
			}
			data, err := json.Marshal(Change{ID: c.ID.String(), Kind: string(c.Kind), Incident: p.Numbers.Ref(c.Incident)})
			if err != nil {
				return err
			}
			if c.ID > s.last { // a late one must not send the reader back
				text = fmt.Appendf(text, "id: %s\n", c.ID)
			}
			text = fmt.Appendf(text, "event: change\ndata: %s\n\n", data)
		}
		s.last, from = max(s.last, last), last
		if len(text) > 0 {
			if err := s.write(string(text)); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// settled is where a glance begins; what lies before is forgotten.
func (s *follower) settled() ident.ID {
	if s.sent == nil {
		return s.last
	}
	from := max(s.from, ident.At(s.last.Time().Add(-settling)))
	for id := range s.sent {
		if id <= from {
			delete(s.sent, id)
		}
	}
	return from
}

func (s *follower) write(text string) error {
	// Not every writer has a deadline, those of tests have none.
	_ = s.out.SetWriteDeadline(time.Now().Add(Writing))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.out.Flush()
}
