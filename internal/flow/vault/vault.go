// Package vault owns the evidence of incidents: it takes files in as they come,
// gives them back as they were, and writes down who added and who read each. It must
// not open, unpack or change a file, nor give any away to somebody who may not see
// its incident. Nothing here removes one.
package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	domain "allclear/internal/domain/evidence"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/evidence"
	"allclear/internal/store/incidents"
	"allclear/internal/store/inquiries"
	"allclear/internal/store/tasks"
)

// Options bound what is kept.
type Options struct {
	Limit int64 // bytes of one file; 0: domain.DefaultLimit
	Total int64 // bytes of one incident; 0: 40 times that
}

// Vault is safe for concurrent use. Make it with New.
type Vault struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Vault {
	if o.Limit == 0 {
		o.Limit = domain.DefaultLimit
	}
	if o.Total == 0 {
		const files = 40
		o.Total = files * o.Limit
	}
	return &Vault{db: db, bus: bus, o: o}
}

// Limit is how many bytes one file may have.
func (v *Vault) Limit() int64 { return v.o.Limit }

const (
	// piece is how much is written in one transaction, so that a file does not keep
	// the writer from a page.
	piece = 256 << 10
	// abandoned is how old what is left of an upload is when it goes.
	abandoned = 24 * time.Hour
)

// Item is a file with who added and read it.
type Item struct {
	*domain.File
	Custody []Custody
}

// Custody is one entry of who had a file in hand.
type Custody struct {
	What string // added or read
	By   string
	Via  string
	At   time.Time
}

// NewFile is what is said of a file that comes in.
type NewFile struct {
	Name, MediaType, Note string
	About                 string // such as hypothesis:ID; empty: the incident alone
}

// Add takes a file in, in pieces. Its bytes are never looked into.
func (v *Vault) Add(ctx context.Context, a authz.Actor, number int64, in NewFile, body io.Reader, now time.Time) (*domain.File, error) {
	f := &domain.File{Name: domain.Name(in.Name), MediaType: domain.MediaType(in.MediaType), Note: in.Note, By: a.ID, At: now}
	if err := v.admit(ctx, a, number, f, in.About, now); err != nil {
		return nil, err
	}
	upload, sum, size, err := v.receive(ctx, body, now)
	if err != nil {
		return nil, err
	}
	f.SHA256, f.Size = sum, size
	if err := f.Check(); err != nil {
		return nil, err
	}
	return f, v.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.Get(tx, f.IncidentID)
		if err != nil {
			return err
		}
		if err := may(a, authz.Respond, inc); err != nil {
			return err
		}
		if err := evidence.Seal(tx, upload, sum, size, now); err != nil {
			return err
		}
		return v.keep(tx, inc, f, a)
	})
}

// admit refuses before anything is taken in.
func (v *Vault) admit(ctx context.Context, a authz.Actor, number int64, f *domain.File, about string, now time.Time) error {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "incident"}); err != nil {
		return err
	}
	probe := *f
	probe.Size = 1 // nobody knows yet
	return v.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := may(a, authz.Respond, inc); err != nil {
			return err
		}
		if err := probe.Check(); err != nil {
			return err
		}
		f.IncidentID = inc.ID
		if f.About, err = aboutOf(tx, inc, about); err != nil {
			return err
		}
		total, err := evidence.Total(tx, inc.ID)
		if err != nil {
			return err
		}
		if total >= v.o.Total {
			return fault.New(fault.TooLarge, "%s has %d MB of evidence, which is the most that is kept: add where more is and its SHA-256 as text", inc.Ref(), total>>20)
		}
		return evidence.Sweep(tx, now.Add(-abandoned))
	})
}

// aboutOf reads what a file speaks for, which must be of the same incident.
func aboutOf(tx *store.Tx, inc *incident.Incident, s string) (a domain.About, err error) {
	if s == "" {
		return a, nil
	}
	bad := fault.New(fault.Invalid, "something is missing or wrong").With("query.about", "want "+strings.Join(domain.Kinds, ":ID, ")+":ID of this incident")
	kind, ref, _ := strings.Cut(s, ":")
	id, err := ident.Parse(ref)
	if err != nil || !slices.Contains(domain.Kinds, kind) {
		return a, bad
	}
	a = domain.About{Kind: kind, ID: id}
	if kind == "task" {
		t, err := tasks.Get(tx, id)
		if fault.Is(err, fault.NotFound) || err == nil && t.IncidentID != inc.ID {
			return a, bad
		}
		return a, err
	}
	r, err := inquiries.Get(tx, id, inquiry.Kind(kind))
	if err == nil && (r == nil || r.IncidentID != inc.ID) {
		return a, bad
	}
	return a, err
}

// receive keeps bytes as they come.
func (v *Vault) receive(ctx context.Context, body io.Reader, now time.Time) (upload ident.ID, sum string, size int64, err error) {
	h := sha256.New()
	buf := make([]byte, piece)
	for seq := int64(0); ; seq++ {
		n, end := io.ReadFull(body, buf)
		last := errors.Is(end, io.EOF) || errors.Is(end, io.ErrUnexpectedEOF)
		if end != nil && !last {
			return 0, "", 0, fault.New(fault.Invalid, "the file could not be read to its end: %s", end)
		}
		if size += int64(n); size > v.o.Limit {
			return 0, "", 0, domain.TooLarge(v.o.Limit)
		}
		if n > 0 {
			if err := v.chunk(ctx, &upload, seq, buf[:n], h, now); err != nil {
				return 0, "", 0, err
			}
		}
		if last {
			return upload, hex.EncodeToString(h.Sum(nil)), size, nil
		}
	}
}

func (v *Vault) chunk(ctx context.Context, upload *ident.ID, seq int64, data []byte, h hash.Hash, now time.Time) error {
	_, _ = h.Write(data)
	return v.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if *upload == 0 {
			*upload = tx.NewID(now)
		}
		return evidence.Chunk(tx, *upload, seq, data)
	})
}

// keep writes that a file is evidence now, and who brought it.
func (v *Vault) keep(tx *store.Tx, inc *incident.Incident, f *domain.File, a authz.Actor) error {
	f.ID, f.IncidentID = tx.NewID(f.At), inc.ID
	if err := evidence.Add(tx, f); err != nil {
		return err
	}
	return v.tell(tx, event.EvidenceAdded, inc, f, a, f.At)
}

func (v *Vault) tell(tx *store.Tx, k event.Kind, inc *incident.Incident, f *domain.File, a authz.Actor, now time.Time) error {
	d := event.Data{Subject: f.Name, Text: f.Note, Outcome: f.SHA256, Number: inc.Number, Severity: inc.Severity.String(), Ref: f.ID.String(), Clauses: []string{"SEC-BR-FORENSIC", "PIR-IMM-TL-3"}}
	return v.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: k, Actor: a.ID, Source: a.Via, Restricted: inc.Restricted, Data: d})
}

// KeepIn keeps bytes of our own as evidence, inside the transaction in which they
// were made; f says what they are, and when they came.
func (v *Vault) KeepIn(tx *store.Tx, inc *incident.Incident, f domain.File, data []byte) error {
	if int64(len(data)) > v.o.Limit {
		return domain.TooLarge(v.o.Limit)
	}
	a := authz.Software("evidence")
	sum := sha256.Sum256(data)
	f.Name, f.MediaType, f.By, f.SHA256, f.Size = domain.Name(f.Name), domain.MediaType(f.MediaType), a.ID, hex.EncodeToString(sum[:]), int64(len(data))
	if err := f.Check(); err != nil {
		return err
	}
	now := f.At
	upload, seq := tx.NewID(now), int64(0)
	for part := range slices.Chunk(data, piece) {
		if err := evidence.Chunk(tx, upload, seq, part); err != nil {
			return err
		}
		seq++
	}
	if err := evidence.Seal(tx, upload, f.SHA256, f.Size, now); err != nil {
		return err
	}
	return v.keep(tx, inc, &f, a)
}

// List lists the files of an incident with their custody, in the order in which they
// came.
func (v *Vault) List(ctx context.Context, a authz.Actor, number int64) (out []Item, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "incident"}); err != nil {
		return nil, err
	}
	err = v.db.View(ctx, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := may(a, authz.Read, inc); err != nil {
			return err
		}
		files, err := evidence.Of(tx, inc.ID)
		if err != nil {
			return err
		}
		custody, err := custodyOf(tx, inc.ID)
		for _, f := range files {
			out = append(out, Item{File: f, Custody: custody[f.ID.String()]})
		}
		return err
	})
	return out, err
}

// mostRead is how many entries of custody are shown.
const mostRead = 10_000

// custodyOf reads the record, by file, the oldest entry first.
func custodyOf(tx *store.Tx, inc ident.ID) (map[string][]Custody, error) {
	out := map[string][]Custody{}
	for _, kind := range []event.Kind{event.EvidenceAdded, event.EvidenceRead} { // nobody reads what was not added
		es, err := events.List(tx, events.Filter{Kind: string(kind), Incident: inc, Limit: mostRead})
		if err != nil {
			return nil, err
		}
		_, what, _ := strings.Cut(string(kind), ".")
		for _, e := range slices.Backward(es) {
			out[e.Data.Ref] = append(out[e.Data.Ref], Custody{What: what, By: e.Actor, Via: e.Source, At: e.At})
		}
	}
	return out, nil
}

// Open writes down that somebody takes a copy of a file, and returns it with its
// bytes, which are read as they are wanted.
func (v *Vault) Open(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (f *domain.File, body io.Reader, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "incident"}); err != nil {
		return nil, nil, err
	}
	var blob evidence.Blob
	err = v.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if f, err = evidence.Get(tx, id); err != nil {
			return err
		}
		if f == nil {
			return missing()
		}
		inc, err := incidents.Peek(tx, f.IncidentID)
		if err != nil {
			return err
		}
		if err := may(a, authz.Read, inc); err != nil {
			if fault.Is(err, fault.NotFound) {
				return missing()
			}
			return err
		}
		if blob, err = evidence.Find(tx, f.SHA256); err != nil {
			return err
		}
		return v.tell(tx, event.EvidenceRead, inc, f, a, now)
	})
	if err != nil {
		return nil, nil, err
	}
	return f, &pieces{ctx: ctx, db: v.db, blob: blob, left: f.Size, sum: sha256.New(), want: f.SHA256}, nil
}

func missing() error { return fault.New(fault.NotFound, "there is no such evidence") }

func may(a authz.Actor, verb authz.Verb, inc *incident.Incident) error {
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return authz.Can(a, verb, authz.Resource{Kind: "incident", ID: inc.Ref()})
}

// pieces reads the bytes of a file, each piece in a transaction of its own, so that
// a slow reader holds up nobody. What is not what came in is an error.
type pieces struct {
	ctx  context.Context //nolint:containedctx // it lives exactly as long as the call it belongs to
	db   *store.DB
	blob evidence.Blob
	seq  int64
	have []byte
	left int64
	sum  hash.Hash
	want string
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.have) == 0 {
		if p.left == 0 {
			return 0, p.end()
		}
		err := p.db.View(p.ctx, func(tx *store.Tx) (err error) {
			p.have, err = evidence.Piece(tx, p.blob, p.seq)
			return err
		})
		if err != nil {
			return 0, err
		}
		if p.have == nil || int64(len(p.have)) > p.left {
			return 0, fmt.Errorf("evidence %s: piece %d is not as it came", p.want, p.seq)
		}
		_, _ = p.sum.Write(p.have)
		p.seq++
		p.left -= int64(len(p.have))
	}
	n := copy(b, p.have)
	p.have = p.have[n:]
	return n, nil
}

func (p *pieces) end() error {
	if hex.EncodeToString(p.sum.Sum(nil)) != p.want {
		return fmt.Errorf("evidence %s is not as it came", p.want)
	}
	return io.EOF
}
