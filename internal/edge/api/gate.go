package api

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
	// maxBody is the largest request body of a route that says nothing else.
	maxBody = 1 << 20
	// patience bounds a request that is not a stream.
	patience = 30 * time.Second
)

// ServeHTTP is the gate in front of every route: it finds the route, asks who
// calls, applies the route's policy, bounds and reads the body, and only then
// lets the operation see the request (INV-A1).
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := a.find(w, r)
	if e == nil {
		return
	}
	middleware.NoteRoute(r.Context(), e.Pattern)
	w.Header().Set("Cache-Control", "no-store")
	c := Call{Now: a.opt.Now().UTC()}
	if e.Policy.kind != public {
		who, err := a.opt.Authn.Identify(r, c.Now)
		if err != nil {
			a.Refuse(w, r, err)
			return
		}
		c.Who, c.Actor = who, who.Actor
		middleware.NoteActor(r.Context(), c.Actor.ID)
		if err := e.Policy.admits(c.Actor); err != nil {
			a.Refuse(w, r, err)
			return
		}
	}
	body, err := readBody(w, r, max(e.Body, maxBody))
	if err == nil {
		err = checkText(r)
	}
	if err != nil {
		a.Refuse(w, r, err)
		return
	}
	ctx := withCall(context.WithValue(r.Context(), requestKey{}, r), c)
	if !e.stream {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if known := r.Header.Get("If-None-Match"); known != "" && e.Method == http.MethodGet && !e.stream {
		w = wire.Unchanged(w, known)
	}
	a.once(w, r, e, c, body)
}

// find returns the route of the request. Without one it answers, and returns
// nil.
func (a *API) find(w http.ResponseWriter, r *http.Request) *entry {
	h, pattern := a.mux.Handler(r)
	if e := a.routes[pattern]; e != nil {
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
		(&Problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "this path takes " + allow}).Write(w, r)
		return nil
	}
	a.Refuse(w, r, fault.New(fault.NotFound, "there is no such path"))
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
