package hooks

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/sources"
	"allclear/internal/flow/tickets"
	"allclear/internal/plug"
)

// part is how many signals go into one arrival: a payload with thousands of
// alerts must not hold the writer while a page waits.
const part = 256

// place is what a key stands for.
type place struct {
	key              ident.ID
	service, mapping string
	sec              secret.String
}

func (h *Hooks) find(ctx context.Context, kind, key string) (place, error) {
	if key == "" || len(key) > 256 {
		return place{}, fault.New(fault.NotFound, "there is no such hook")
	}
	k, err := h.Keys.Find(ctx, kind, key)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "there is no such hook")
	}
	if err != nil {
		return place{}, err
	}
	return place{key: k.ID, service: k.ServiceID, mapping: k.Mapping, sec: k.Secret}, nil
}

// count tells what became of a call by the key.
func (h *Hooks) count(p place, source string, err error, now time.Time) {
	if h.Health != nil && p.key != 0 {
		h.Health.Count(p.key, source, err, now)
	}
}

// read takes the body whole, and no more than limit bytes of it, which is also the
// most that a compressed one may come to.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	enc := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	packed := enc == "gzip" || enc == "x-gzip"
	if enc != "" && enc != "identity" && !packed {
		return nil, fault.New(fault.Invalid, "the body is compressed: send it as it is, or by gzip").With("", "Content-Encoding "+plug.Line(enc, 40)+" is not read here")
	}
	tooLarge := func() error {
		w.Header().Set("Connection", "close")
		return fault.New(fault.TooLarge, "the body has more than %d bytes", limit)
	}
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
		return nil, fault.New(fault.Invalid, "the body could not be read whole")
	}
	if int64(buf.Len()) > limit {
		return nil, tooLarge()
	}
	if !packed {
		return buf.Bytes(), nil
	}
	body, err := unpack(&buf, limit)
	if err == nil && int64(len(body)) > limit {
		return nil, tooLarge()
	}
	return body, err
}

// unpack stops one byte beyond limit.
func unpack(packed io.Reader, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(packed)
	if err == nil {
		var body []byte
		if body, err = io.ReadAll(io.LimitReader(z, limit+1)); err == nil {
			return body, nil
		}
	}
	return nil, fault.New(fault.Invalid, "the body is not in gzip format").With("", "Content-Encoding says gzip: "+plug.Line(err.Error(), 80))
}

func inbound(r *http.Request, endpoint string, body []byte, p place, now time.Time, id string) plug.Inbound {
	in := plug.Inbound{
		Endpoint: endpoint, Header: r.Header, Body: body, ContentType: r.Header.Get("Content-Type"),
		Now: now, Secret: p.sec, Mapping: p.mapping, ID: id,
	}
	if r.URL.RawQuery != "" {
		in.Query = r.URL.Query()
	}
	return in
}

// keep makes what was received durable, with its raw payload.
func (h *Hooks) keep(ctx context.Context, source, service string, raw []byte, got *plug.Received, now time.Time) error {
	a := intake.Arrival{ServiceID: service, Source: source, Raw: raw, Changes: got.Changes, Now: now}
	rest := got.Signals
	for {
		n := min(len(rest), part)
		a.Signals, rest = rest[:n:n], rest[n:]
		if err := h.Intake.Accept(ctx, a); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		a.Raw, a.Changes = nil, nil
	}
}

// reject keeps a payload nothing could be made of, for whoever set the hook
// up. A payload that proved no right to be here is not kept.
func (h *Hooks) reject(ctx context.Context, source, service string, raw []byte, now time.Time, why error) {
	if !fault.Is(why, fault.Invalid) {
		return
	}
	h.Log.WarnContext(ctx, "payload refused", "source", source, "service", service, "reason", sources.Reason(why))
	err := h.Intake.Reject(ctx, intake.Rejected{ServiceID: service, Source: source, Raw: raw, Problem: sources.Reason(why), Now: now})
	if err != nil && ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "refused payload not kept", "source", source, "service", service, "error", err)
	}
}

// hook serves POST /hooks/{source}/{key}, and what is below it for a source that
// says so: an API has its paths there, and calls some of them by PUT.
func (h *Hooks) hook(w http.ResponseWriter, r *http.Request) {
	now, name, below := h.Now(), r.PathValue("source"), r.PathValue("below")
	src, ok := h.sources[name]
	methods := []string{http.MethodPost}
	if below != "" {
		if !src.Manifest.Below {
			h.nowhere(w, r)
			return
		}
		methods = append(methods, http.MethodPut)
	}
	if !allowed(w, r, methods...) {
		return
	}
	if !ok {
		problem(w, fault.New(fault.NotFound, "there is no such source"))
		return
	}
	p, err := h.find(r.Context(), KindHooks, r.PathValue("key"))
	if err != nil {
		h.fail(w, r, name, "", err)
		return
	}
	c := &call{w: w, r: r, src: src, endpoint: below, place: p, now: now, refuse: func(err error) { h.refuse(w, r, src, p.service, err) }}
	if src.Callback != nil {
		h.hear(c)
		return
	}
	h.receive(c)
}

// call is one call whose key is in its path.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	src      plug.Hook
	endpoint string
	place    place
	now      time.Time
	refuse   func(error)
}

// receive reads, parses, keeps and answers.
func (h *Hooks) receive(c *call) {
	got, err := h.take(c)
	var part *fault.Error // what of it was no use
	if err == nil && len(got.Refused) > 0 {
		part = fault.New(fault.Invalid, "a part of the body could not be used; the other %d events are stored", len(got.Signals))
		part.Details = got.Refused
		h.count(c.place, c.src.Name, part, c.now)
	}
	h.count(c.place, c.src.Name, err, c.now)
	switch {
	case err != nil:
		c.refuse(err)
	case got.Reply.Status != 0:
		reply(c.w, got.Reply)
	case part != nil:
		problem(c.w, part)
	default:
		reply(c.w, plug.Reply{Status: http.StatusAccepted, Body: processed(&got)})
	}
}

// take makes durable what came, and answers what that was.
func (h *Hooks) take(c *call) (plug.Received, error) {
	ctx := c.r.Context()
	body, err := read(c.w, c.r, c.src.MaxBody)
	if err != nil {
		return plug.Received{}, err
	}
	in := inbound(c.r, c.endpoint, body, c.place, c.now, h.NewID())
	in.URL = h.PublicURL + c.r.URL.RequestURI()
	got, err := parse(ctx, c.src.Source, in)
	if err != nil {
		h.reject(ctx, c.src.Name, c.place.service, body, c.now, err)
		return plug.Received{}, err
	}
	if err := h.store(ctx, c, body, &got); err != nil {
		return plug.Received{}, err
	}
	if f, ok := c.src.Source.(plug.Finisher); ok {
		err = f.Finish(ctx, in)
	}
	return got, err
}

// store makes what came durable: tickets are judged first, signals and changes are
// what they are.
func (h *Hooks) store(ctx context.Context, c *call, body []byte, got *plug.Received) error {
	if len(got.Tickets) == 0 {
		return h.keep(ctx, c.src.Name, c.place.service, body, got, c.now)
	}
	if h.Tickets == nil {
		return fault.New(fault.Unavailable, "nobody takes tickets here")
	}
	return h.Tickets.Take(ctx, tickets.Arrival{ServiceID: c.place.service, Source: c.src.Name, Raw: body, Reports: got.Tickets, Now: c.now})
}

// parse has the source fetch what it needs for that first.
func parse(ctx context.Context, src plug.Source, in plug.Inbound) (plug.Received, error) {
	if p, ok := src.(plug.Preparer); ok {
		if err := p.Prepare(ctx, in); err != nil {
			return plug.Received{}, err
		}
	}
	return src.Parse(in)
}

// processed tells the sender what its events are known by.
func processed(got *plug.Received) []byte {
	const shown = 100
	keys := make([]string, 0, min(len(got.Signals)+len(got.Tickets), shown))
	for _, t := range got.Tickets[:min(len(got.Tickets), shown)] {
		keys = append(keys, t.Source+"/"+t.ExternalID)
	}
	for i := range got.Signals[:min(len(got.Signals), shown)] {
		keys = append(keys, got.Signals[i].DedupKey)
	}
	doc, _ := json.Marshal(struct {
		Status    string   `json:"status"`
		Events    int      `json:"events"`
		DedupKeys []string `json:"dedup_keys"`
	}{"success", len(got.Signals) + len(got.Changes) + len(got.Tickets), keys})
	return doc
}

// refuse answers an error in the source's own words, if it has any.
func (h *Hooks) refuse(w http.ResponseWriter, r *http.Request, src plug.Hook, service string, err error) {
	words, ok := src.Source.(plug.Refuser)
	if !ok {
		h.fail(w, r, src.Name, service, err)
		return
	}
	h.logFailure(r, src.Name, service, err)
	retryAfter(w, err)
	reply(w, words.Refuse(err))
}
