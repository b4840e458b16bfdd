package account

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Regions are the addresses of the REST API by service region.
var Regions = map[string]string{"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

// Client reads one account. Calls are made one after the other, as PagerDuty asks.
type Client struct {
	HTTP  *plug.HTTP
	URL   string        // see Regions
	Token secret.String // REST API key; one that only reads is enough
	// Wait holds on between tries; a timer when nil.
	Wait func(ctx context.Context, d time.Duration) error
}

const (
	tries     = 6
	longest   = 2 * time.Minute // that a rate limit is waited for
	pageSize  = 100             // the most PagerDuty gives
	maxOffset = 10_000          // beyond it PagerDuty refuses
	MaxAnswer = 16 << 20        // bytes of one page of a list; the client has to read as many
)

// get reads one answer into to. What may pass is tried again: rate limits after
// the time PagerDuty names, faults of the other side and of the way there.
func (c *Client) get(ctx context.Context, path string, q url.Values, to any) error {
	for n := 1; ; n++ {
		body, wait, err := c.try(ctx, path, q)
		if err == nil {
			if err := json.Unmarshal(body, to); err != nil {
				return fault.New(fault.Unavailable, "read PagerDuty %s: the answer is not what is documented", path)
			}
			return nil
		}
		if wait == 0 || n == tries {
			return err
		}
		if err := c.wait(ctx, wait); err != nil {
			return err
		}
	}
}

// try makes one call; wait is how long to hold on before another makes sense, zero
// when none does.
func (c *Client) try(ctx context.Context, path string, q url.Values) (body []byte, wait time.Duration, err error) {
	ans, err := c.HTTP.Do(ctx, plug.Request{
		Method: http.MethodGet, URL: c.URL + path + "?" + q.Encode(), Secrets: []secret.String{c.Token},
		Header: http.Header{"Authorization": {"Token token=" + c.Token.Reveal()}, "Accept": {"application/vnd.pagerduty+json;version=2"}},
	})
	if err != nil {
		var f *plug.Failure
		if errors.As(err, &f) && f.Kind == plug.Permanent {
			return nil, 0, fault.New(fault.Invalid, "read PagerDuty: %v", err)
		}
		return nil, time.Second, fault.New(fault.Unavailable, "read PagerDuty: %v", err)
	}
	switch {
	case ans.OK():
		return ans.Body, 0, nil
	case ans.Status == http.StatusUnauthorized:
		return nil, 0, fault.New(fault.Unauthenticated, "PagerDuty refuses the token: is it a REST API key, and of this region?")
	case ans.Status == http.StatusForbidden:
		return nil, 0, fault.New(fault.Refused, "PagerDuty does not let this token read %s", path)
	case ans.Status == http.StatusTooManyRequests:
		return nil, reset(ans.Header), fault.New(fault.Busy, "PagerDuty asks for fewer calls: try again in a few minutes")
	case ans.Status >= 500:
		return nil, time.Second, fault.New(fault.Unavailable, "read PagerDuty %s: %s", path, ans.Brief())
	}
	return nil, 0, fault.New(fault.Unavailable, "read PagerDuty %s: %s", path, ans.Brief())
}

// reset reads the seconds to wait for; a minute is the whole window of the limit.
func reset(h http.Header) time.Duration {
	for _, name := range []string{"Ratelimit-Reset", "Retry-After"} {
		if n, err := strconv.Atoi(h.Get(name)); err == nil && n >= 0 {
			return min(time.Duration(n)*time.Second+time.Second, longest)
		}
	}
	return time.Minute
}

func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// list reads a collection page by page, until PagerDuty says that there is no more.
func list[T any](ctx context.Context, c *Client, path, field string, q url.Values) ([]T, error) {
	var out []T
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	maps.Copy(query, q)
	for offset := 0; offset < maxOffset; {
		query.Set("offset", strconv.Itoa(offset))
		var page map[string]json.RawMessage
		if err := c.get(ctx, path, query, &page); err != nil {
			return nil, err
		}
		var items []T
		more := false
		if err := errors.Join(json.Unmarshal(page[field], &items), unmarshal(page["more"], &more)); err != nil {
			return nil, fault.New(fault.Unavailable, "read PagerDuty %s: the answer is not what is documented", path)
		}
		out = append(out, items...)
		if !more || len(items) == 0 {
			return out, nil
		}
		offset += len(items)
	}
	return nil, fault.New(fault.TooLarge, "read PagerDuty %s: more than the %d entries it hands out", path, maxOffset)
}

// unmarshal reads what may be left out.
func unmarshal(raw json.RawMessage, to any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, to)
}
