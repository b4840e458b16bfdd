package plug

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/ticket"
)

// What bounds a payload unless a source's manifest says otherwise.
const (
	MaxBody    = 512 << 10 // bytes
	MaxItems   = 10_000    // alerts or events in one call
	MaxDedup   = 255       // characters of a deduplication key (Events API v2)
	MaxSummary = 1024      // characters of a summary; longer ones are cut
	MaxWord    = 512       // characters of a component, group, class, host ...
	MaxLinks   = 50        // links and images of one event; more are left out
)

// Inbound is one call of an outside system to /hooks/{source}/{key}, as it came
// in. The raw body was stored before anyone parses it, or is stored together
// with what became of it, before the sender is answered.
type Inbound struct {
	Endpoint    string // which of the source's endpoints was called, or the path below its address; empty is the webhook
	Header      http.Header
	Query       url.Values
	URL         string // as the sender called it, on the public host: what some vendors sign
	Body        []byte // the bytes a signature is checked over; a source may keep slices of it
	ContentType string
	Now         time.Time     // UTC; bounds the age of signed timestamps
	Secret      secret.String // signature secret of the hook; empty when none is set, and then no signature is asked for
	Mapping     string        // how this hook reads its payload, for a Mapper; empty is the source's own way
	ID          string        // unique to this call: what events without a key of their own are keyed by
	KeyInBody   bool          // the integration key is part of the payload and has to be there
}

// Received is what a source made of a call. When Refused is not empty, some of
// its items are no use and the rest stands: the rest is kept first, and the
// sender is answered with Reply, which says so.
type Received struct {
	Key     string // the integration key, where the protocol carries it in the payload
	Signals []alert.Signal
	Changes []alert.Change
	Tickets []ticket.Report // customers' tickets, which are judged before they become anything
	Refused []fault.Detail
	Reply   Reply // what the sender is told once everything is durable; the edge's own words when empty
}

// One is what a call with one signal came to.
func One(s alert.Signal) Received { return Received{Signals: []alert.Signal{s}} }

// Told is the answer to a call that is in order and of which nothing is made; what
// says why.
func Told(what string) Received {
	return Received{Reply: JSONReply(struct {
		Status string `json:"status"`
		Events int    `json:"events"`
		Note   string `json:"note"`
	}{"success", 0, Line(what, MaxWord)})}
}

// Reply is an answer in a vendor's own shape.
type Reply struct {
	Status int
	Type   string // content type; application/json when empty
	Body   []byte
}

// Source turns what an outside system sends into signals and changes. Parse is
// pure and safe for concurrent use: no network, no store, no clock. It answers
// fault.Invalid with a detail for each thing that is wrong (Where is a JSON
// pointer), fault.Unauthenticated for a missing or wrong signature, and never
// panics, whatever the bytes.
type Source interface {
	Parse(in Inbound) (Received, error)
}

// Refuser is a Source whose protocol has words of its own for a refusal.
type Refuser interface {
	Refuse(err error) Reply
}

// Preparer is a Source that has to fetch something before it can judge a call,
// such as the certificate a signature names. Prepare runs before Parse, outside
// any transaction, and only for a key that exists; what it fetched it keeps for
// Parse. It answers as Parse does, and fault.Unavailable when the fetching
// failed, so that the sender tries again.
type Preparer interface {
	Prepare(ctx context.Context, in Inbound) error
}

// Finisher is a Source that owes its sender a call of its own, such as the
// confirmation of a subscription. Finish runs once what came is durable and
// before the sender is answered; its error is the answer.
type Finisher interface {
	Finish(ctx context.Context, in Inbound) error
}

// Mapper is a Source whose reading of a payload an owner can change.
type Mapper interface {
	// CheckMapping answers fault.Invalid, with one detail for each field that
	// cannot be used.
	CheckMapping(mapping string) error
	// TestMapping shows what a mapping makes of a payload, and stores nothing.
	TestMapping(mapping string, body []byte) (Trial, error)
}

// Trial is the outcome of TestMapping.
type Trial struct {
	Signals []alert.Signal `json:"signals"`
	Skipped int            `json:"skipped"` // items the mapping's `when` left out
	Notes   []fault.Detail `json:"notes"`   // fields that came out empty or unusable, and what stands instead
}

// Hook is a Source or Callback that is open, with what the edge must know about
// it. One that is both is heard as a Callback.
type Hook struct {
	Name     string // the {source} of /hooks/{source}/{key}
	Manifest Manifest
	MaxBody  int64 // bytes; a longer body is refused unread
	Source   Source
	Callback Callback
}
