package route

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/edge/api/wire"
	"allclear/internal/edge/middleware"
)

const (
	// MaxBody is the largest request body of a route that says nothing else.
	MaxBody = 1 << 20
	// patience bounds a request that is not a stream.
	patience = 30 * time.Second
)

// ServeHTTP is the gate in front of every route: it finds the route, asks who
// calls, applies the route's policy, bounds and reads the body, and only then
// lets the operation see the request (INV-A1).
func (t *Table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := t.find(w, r)
	if e == nil {
		return
	}
	middleware.NoteRoute(r.Context(), e.Pattern)
	w.Header().Set("Cache-Control", "no-store")
	c := Call{Now: t.o.Now().UTC()}
	if e.Policy.kind != public {
		who, err := t.o.Authn.Identify(r, c.Now)
		if err != nil {
			t.Refuse(w, r, err)
			return
		}
		c.Who, c.Actor = who, who.Actor
		middleware.NoteActor(r.Context(), c.Actor.ID)
		if err := e.Policy.Admits(c.Actor); err != nil {
			t.Refuse(w, r, err)
			return
		}
	}
	var body []byte
	var err error
	if !e.Upload {
		body, err = readBody(w, r, max(e.Body, MaxBody))
	}
	if err == nil {
		err = checkText(r)
	}
	if err != nil {
		t.Refuse(w, r, err)
		return
	}
	ctx := withCall(context.WithValue(r.Context(), requestKey{}, r), c)
	if !e.Stream && !e.Upload {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	r = r.WithContext(ctx)
	if !e.Upload {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if known := r.Header.Get("If-None-Match"); known != "" && e.Method == http.MethodGet && !e.Stream {
		w = wire.Unchanged(w, known)
	}
	t.once(w, r, e, c, body)
}

// find returns the route of the request. Without one it answers, and returns
// nil.
func (t *Table) find(w http.ResponseWriter, r *http.Request) *Entry {
	h, pattern := t.mux.Handler(r)
	if e := t.routes[pattern]; e != nil {
		return e
	}
	// The mux answers what it does not know in plain text; only its status and
	// the Allow header are wanted.
	probe := wire.NewProbe()
	h.ServeHTTP(probe, r)
	if to := probe.Header().Get("Location"); to != "" && probe.Status < http.StatusBadRequest {
		w.Header().Set("Location", to)
		w.WriteHeader(probe.Status)
		return nil
	}
	if allow := probe.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		(&wire.Problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "this path takes " + allow}).Write(w, r)
		return nil
	}
	t.Refuse(w, r, fault.New(fault.NotFound, "there is no such path"))
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, fault.New(fault.TooLarge, "the body is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the body could not be read to its end")
	}
	return body, nil
}

// checkText refuses paths and queries that no text column can hold or that two
// readers could understand differently.
func checkText(r *http.Request) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Invalid, "the query is not well-formed")
	}
	if !plainText(r.URL.Path) {
		return fault.New(fault.NotFound, "there is no such path")
	}
	for name, vs := range values {
		if len(vs) > 1 {
			return fault.New(fault.Invalid, "validation failed").With("query."+name, "given twice")
		}
		if !plainText(name) || !plainText(vs[0]) {
			return fault.New(fault.Invalid, "the query is not plain UTF-8 text")
		}
	}
	return nil
}

func plainText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
