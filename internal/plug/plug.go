// Package plug owns the contract between the product and the outside systems
// it talks to: small capability interfaces, the classification of failures, the
// manifest a settings form is drawn from, the registry, and the one guarded way
// out to the network (Guard, HTTP). It must not know any vendor, store anything
// or decide when something is sent again: jobs do that from a Failure.
//
// A plug-in is one folder below this one. It may import this package, domain
// and base, and never another plug-in.
package plug

import (
	"context"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
)

// The kinds of Message.
const (
	Page   = "page"    // wakes a person and waits for an acknowledgement
	Notice = "notice"  // tells a person; nothing waits for it
	Post   = "message" // one approved text to an audience
	Mirror = "mirror"  // the present state of an incident, for a copy of it elsewhere
	Ticket = "ticket"  // what becomes of a customer's ticket elsewhere
	End    = "end"     // takes a Page back, where the manifest says that one stands until it is ended

	CaseWanted = "case" // a case to be opened at a partner
)

// Message is what a Channel carries to one address.
type Message struct {
	Channel  string            // channel it goes out on, for plug-ins that serve several
	Key      string            // idempotency key such as "INC-42/step1/round0/email/1"; the same on every resend
	Kind     string            // Page, Notice, Post, Mirror, Ticket, CaseWanted or End
	To       string            // address on this channel: mail address, URL, phone number
	Name     string            // display name of the person; may be empty
	Subject  string            // one line; channels without subjects put it first
	Text     string            // plain text body
	HTML     string            // optional body for channels that show HTML
	AckURL   string            // one-time link to a page with a button (pages only); following it acknowledges nothing by itself
	Token    string            // names the page in an answer by button (pages only); whoever has it may acknowledge, so it is never logged
	Code     string            // six digits that answer the page by text message; empty: it cannot be answered so
	Digit    string            // the one key, 1 to 9, that answers the page on a keypad, to be spoken so that no voicemail answers
	Join     bool              // the page asks who joins: it can be answered Unavailable too
	Delivery string            // id of the delivery, for a Confirmation
	Of       string            // key of the Page that an End takes back
	Bundled  []string          // keys of the pages that one message carries after a delay; none otherwise
	Copy     Copy              // of an incident (Mirror only)
	Ticket   TicketUpdate      // for a ticket (Ticket only)
	Case     Case              // to be opened (CaseWanted only)
	Posted   *status.Posted    // what the status page says, for a copy of it (Pages of a manifest only)
	Again    bool              // an attempt before this one may have arrived
	Data     map[string]any    // structured payload for machine channels
	Headers  map[string]string // extra headers such as List-Unsubscribe; channels without headers ignore them
	Sign     secret.String     // key of this receiver alone to sign with; empty: the channel's own
	Bounce   string            // address for reports that the message did not arrive; channels other than mail ignore it
	Calendar string            // an iCalendar entry (RFC 5545) that goes along; channels other than mail ignore it
	Attached *Attachment       // a file that goes along; channels other than mail ignore it
	At       time.Time         // when the message was made, UTC; the same on every resend
}

// Attachment is a file, such as "executive-summary.pdf" of application/pdf.
type Attachment struct {
	Name string
	Type string
	Data []byte
}

// Receipt is what the provider said when it took the message. It is evidence
// that the provider accepted, not that a person read.
type Receipt struct {
	Provider    string // the plug-in that took it, where a channel has several; filled in by Failover
	Arrived     bool   // whoever accepted is whom it was for; else a page goes on to the next channel after a minute
	Confirms    bool   // the provider will say whether it arrived, as a Confirmation
	ProviderRef string // the provider's own id for the message; empty when it has none
	Detail      string // the provider's raw answer, shortened and without secrets
}

// Channel carries a message to one address. Send is safe for concurrent use,
// honours ctx, and returns a *Failure on error; an error of another type counts
// as Unknown. It never retries by itself.
type Channel interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}
