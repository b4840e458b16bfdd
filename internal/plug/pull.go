package plug

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/metric"
)

// Poller is a Source that can be asked how what it watches stands now: the net
// under webhooks that got lost.
type Poller interface {
	// Polls names the service of the catalogue that polled alerts belong to; ok is
	// false where no credentials are set, and then Poll is not called.
	Polls() (service string, ok bool)
	// Poll answers with a trigger for each thing in trouble and a resolve for each
	// that is well; of what it cannot tell it says nothing. The keys are those of
	// the webhooks, so that a trigger and its recovery meet whichever way each
	// came. It is called outside of any transaction.
	Poll(ctx context.Context, now time.Time) ([]alert.Signal, error)
}

// Recogniser is a Poller whose list names some things in other words than its
// webhooks do.
type Recogniser interface {
	// Same reports whether an alert that stands, by its key, is about what Poll told
	// of under the polled key.
	Same(polled, standing string) bool
}

// Querier is a plug-in that reads values out of the vendor's own store.
type Querier interface {
	// Queries is false where no credentials are set, and then Query is not called.
	Queries() bool
	// Query runs a query in the vendor's language. It answers fault.Invalid for one
	// that the vendor refuses or that gives too much, and fault.Unavailable when the
	// vendor cannot be asked.
	Query(ctx context.Context, text string, from, to time.Time) ([]metric.Series, error)
}

// What bounds an answer of a vendor.
const (
	MaxPulled = 8 << 20 // bytes of it
	MaxSeries = 500     // series of one query
	MaxPoints = 50_000  // values of one query, all series together
)

// pullTime bounds one call: nobody waits for a page meanwhile.
const pullTime = 20 * time.Second

// Puller is Client for long answers: the one the plug-in was given, or a new one
// over the guard.
func (c Config) Puller() *HTTP {
	if c.HTTP != nil {
		return c.HTTP
	}
	return NewHTTP(HTTPOptions{Guard: c.Guard, RootCAs: c.RootCAs, Timeout: pullTime, Answer: MaxPulled})
}

// Ask asks a vendor and answers with what it says, whole. A status that is no
// success is a fault in words that can be shown; its Failure, with the wait that
// the vendor asks for, is in the chain. A redirect is not followed: it would carry
// the credentials elsewhere.
func (h *HTTP) Ask(ctx context.Context, vendor string, r Request) (Answer, error) {
	r.Still = true
	ans, err := h.Do(ctx, r)
	if err != nil {
		return Answer{}, fault.Wrap(fault.Unavailable, err, "ask "+vendor)
	}
	if err := ans.Failure(); err != nil {
		return ans, asked(vendor, ans.Status, err)
	}
	if ans.Cut {
		return Answer{}, fault.New(fault.Unavailable, "%s: the answer is longer than %d bytes or broke off", vendor, h.answer)
	}
	return ans, nil
}

// asked says what a refusal means for whoever asked.
func asked(vendor string, status int, err error) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Wrap(fault.Unavailable, err, vendor+" refuses the credentials of the settings")
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return fault.Wrap(fault.Invalid, err, vendor+" refuses the query")
	case http.StatusTooManyRequests:
		return fault.Wrap(fault.Unavailable, err, vendor+" is asked too often")
	}
	return fault.Wrap(fault.Unavailable, err, "ask "+vendor)
}

// CheckSeries refuses an answer that is too much to show: cut off it would look
// as if it were all.
func CheckSeries(all []metric.Series) error {
	points := 0
	for i := range all {
		points += len(all[i].Points)
	}
	if len(all) > MaxSeries || points > MaxPoints {
		return fault.New(fault.Invalid, "the query gives more than %d series or %d values: ask for fewer, or for a shorter time", MaxSeries, MaxPoints)
	}
	return nil
}
