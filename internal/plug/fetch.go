package plug

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"allclear/internal/base/secret"
)

// Seen is what a server said about a document when it was last read, to ask
// only for a newer one. The zero value asks for it whatever it is.
type Seen struct{ ETag, Modified string }

// Fetched is a document that was read.
type Fetched struct {
	Body      []byte
	Seen      Seen
	Unchanged bool // since Seen was noted; there is no body
}

// Fetch reads a document whole. The address may be a secret: no part of it but
// the host is in an error. The error is a *Failure.
func (h *HTTP) Fetch(ctx context.Context, address secret.String, accept string, seen Seen) (Fetched, error) {
	return h.FetchAs(ctx, address, "", accept, seen)
}

// FetchAs is Fetch with a token to sign in with; empty for none. It is in no error
// either, and does not follow a redirect to another host.
func (h *HTTP) FetchAs(ctx context.Context, address, bearer secret.String, accept string, seen Seen) (Fetched, error) {
	header := http.Header{"Accept": {accept}}
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer.Reveal())
	}
	if seen.ETag != "" {
		header.Set("If-None-Match", seen.ETag)
	}
	if seen.Modified != "" {
		header.Set("If-Modified-Since", seen.Modified)
	}
	ans, err := h.Do(ctx, Request{Method: http.MethodGet, URL: address.Reveal(), Header: header, Secrets: []secret.String{address, bearer}})
	switch {
	case err != nil:
		return Fetched{}, err
	case ans.Status == http.StatusNotModified && seen != Seen{}:
		return Fetched{Unchanged: true, Seen: seen}, nil
	case ans.Status != http.StatusOK:
		// What the server writes beside the status may repeat the address.
		f := Fail(Permanent, "the server answers %d %s", ans.Status, http.StatusText(ans.Status))
		f.Ours = ans.Status == http.StatusUnauthorized || ans.Status == http.StatusForbidden
		if ans.Status == http.StatusTooManyRequests || ans.Status >= 500 {
			f.Kind, f.RetryAfter = Retry, max(ans.retryAfter(), ans.Reset())
		}
		return Fetched{}, f
	case ans.Cut:
		return Fetched{}, Fail(Permanent, "the answer is longer than %d bytes or broke off", h.answer)
	}
	return Fetched{Body: ans.Body, Seen: Seen{ETag: short(ans.Header.Get("ETag")), Modified: short(ans.Header.Get("Last-Modified"))}}, nil
}

// short drops a validator that is longer than any server writes.
func short(v string) string {
	const longest = 512
	if len(v) > longest {
		return ""
	}
	return v
}

// Reset reads when a limit of rate ends, as X and others tell it beside or instead
// of Retry-After.
func (a Answer) Reset() time.Duration {
	n, err := strconv.ParseInt(a.Header.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return min(max(time.Unix(n, 0).Sub(a.at), 0), MaxRetryAfter)
}
