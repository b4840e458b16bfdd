// Package message owns what goes out: pages that ask, notices that tell, and
// messages to customers, with the trail of their delivery. It must not send
// anything or know a provider.
package message

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
)

// What pages and notices of a restricted incident say instead of its title and
// service: they go over phones and mailboxes (reading 18).
const (
	RestrictedTitle   = "restricted incident, sign in to read it"
	RestrictedService = "a restricted service"
)

// Urgency is how much of a hurry the page is in: a P1 or P2 wakes people.
func (p *Page) Urgency() catalog.Urgency { return catalog.Urgency(p.Severity.Pages()) }

// PageState is where a page stands.
type PageState string

// The states of a page.
const (
	PageQueued       PageState = "queued"
	PageSent         PageState = "sent" // a provider accepted it
	PageAcknowledged PageState = "acknowledged"
	PageCancelled    PageState = "cancelled" // no longer needed
	PageFailed       PageState = "failed"    // no channel left
)

// Page asks one person for an acknowledgement, over one channel after another.
type Page struct {
	ID         ident.ID
	IncidentID ident.ID
	To         string // person id
	Reason     string // chain, or the rule or person that asked
	Step       int    // 1-based step of the chain; 0 outside it
	Round      int
	Severity   procedure.Severity
	State      PageState
	Channel    string // the present one
	Rung       int    // index into the ladder of the last one that was tried
	Ladder     []catalog.Rung
	At         time.Time
	EndedAt    time.Time
	AckHash    string
	Subject    string
	Body       string
	Clauses    []string
}

// Waiting reports whether the page still wants an answer.
func (p *Page) Waiting() bool { return p.State == PageQueued || p.State == PageSent }

// Answerable reports whether an answer still counts: also to a page that was
// given up, should it have reached the person after all.
func (p *Page) Answerable() bool { return p.Waiting() || p.State == PageFailed }

// DeliveryState is where one send stands.
type DeliveryState string

// The states of a delivery. Attempting is committed before the provider is
// called: found after a crash, it means unknown and is sent again.
const (
	Queued     DeliveryState = "queued"
	Attempting DeliveryState = "attempting"
	Accepted   DeliveryState = "sent"
	Failed     DeliveryState = "failed"
	Cancelled  DeliveryState = "cancelled"
)

// Kinds of delivery.
const (
	KindPage    = "page"
	KindNotice  = "notice"
	KindMessage = "message"
	KindMirror  = "mirror"
	KindEnd     = "end" // takes a page back where it stands until it is ended

	KindTicket = "ticket"     // to a customer's ticket elsewhere
	KindCase   = "case"       // to a partner's interface, that opens a case
	KindWork   = "work"       // to a customer, about a maintenance of ours
	KindEngage = "engagement" // a mail to a partner that it is needed
	KindInvite = "invite"     // to a conference room, by calendar
	KindReview = "review"     // to the review of an incident, by calendar

	KindUpdate = "update" // a published update, to a subscriber of the status page

	// Of no incident.
	KindCredit       = "credit"        // a credit memo to billing
	KindSubscription = "subscription"  // about a subscription of the status page itself
	KindTicketNotice = "ticket_notice" // to a chat channel, about an urgent ticket
	KindDuty         = "duty"          // a notice about being on call
	KindDeadEnd      = "dead_end"      // a notice that nobody can be reached
	KindProbe        = "probe"         // a test page of our own
	KindWarning      = "early_warning" // a notice that a customer uses the product unlike before
	KindHealthCheck  = "health_check"  // a notice that a customer's health check is to be made, or was not
)

// Delivery is one send to one address.
type Delivery struct {
	ID         ident.ID
	Key        string // idempotency key at the provider
	Kind       string
	RefID      ident.ID // the page or message
	IncidentID ident.ID
	Recipient  string // person or customer id
	Channel    string
	Address    string
	Subject    string
	Body       string
	State      DeliveryState
	Priority   int // 0 pages, 1 notices, 2 messages
	Attempts   int
	DueAt      time.Time
	LeaseUntil time.Time
	Fence      int64
	CreatedAt  time.Time
	DoneAt     time.Time
	LastError  string
	Receipt    string
	Clauses    []string
	Headers    Headers

	Confirmation string // the provider's later word: ConfirmedDelivered, ConfirmedFailed or none yet
	ConfirmedAt  time.Time
	Awaits       Awaited  // of this attempt, never stored
	Bundled      []string // keys of the deliveries a Bundle carries; none on a row
	Gone         bool     // the provider says that the address is no more; of this attempt, never stored
	Ref          string   // by which the provider knows what it accepted; of this attempt, never stored
}

// Awaited is what may still be heard of a message after it was accepted.
type Awaited int

const (
	Unheard       Awaited = iota // nobody will ever say whether it arrived: mail, chat
	AwaitsWord                   // the provider will say
	AwaitsNothing                // it has arrived
)

// What a provider may say of a message after it has accepted it.
const (
	ConfirmedDelivered = "delivered"
	ConfirmedFailed    = "failed"
)

// Headers are what a delivery carries beside its text.
type Headers struct {
	AckURL  string            `json:"ack_url,omitempty"`
	Answer  Ticket            `json:"-"`                // made anew for each send, never stored
	Copy    Copy              `json:"-"`                // read anew for each send
	Update  TicketUpdate      `json:"-"`                // likewise
	Version int64             `json:"-"`                // of the ticket that Update was read from
	Case    Case              `json:"-"`                // read anew for each send
	Sign    secret.String     `json:"-"`                // key to sign it with, of the receiver alone; made anew for each send
	Posted  *status.Posted    `json:"-"`                // likewise
	Paper   *Paper            `json:"-"`                // a document to go along with a mail; made anew for each send
	Bounce  string            `json:"-"`                // address for reports that it failed; made anew for each send
	Target  secret.String     `json:"-"`                // what Address stands for, where that is a secret; looked up for each send
	Public  bool              `json:"public,omitempty"` // a comment on a ticket that the customer reads
	Sets    string            `json:"sets,omitempty"`   // the status a ticket gets with it
	Rule    string            `json:"rule,omitempty"`
	Reaches string            `json:"reaches,omitempty"`
	Name    string            `json:"name,omitempty"`
	Rung    int               `json:"rung,omitempty"` // of a page, see Page.Rung
	Of      string            `json:"of,omitempty"`   // key of the page that an end takes back
	Headers map[string]string `json:"headers,omitempty"`
	// Calendar is an iCalendar entry that goes along with a mail.
	Calendar string `json:"calendar,omitempty"`
}

// Paper is a file that goes along with a mail.
type Paper struct {
	Name string // of the file
	Type string // its media type
	Data []byte
}

// Ticket is what a page can be answered with, beside its link.
type Ticket struct {
	Token string // of a button
	Code  string // six digits, for a text message
	Digit string // 1 to 9, for a keypad
	Join  bool   // the page asks who joins
}

// Copy is the present state of an incident, for a copy of it elsewhere.
type Copy struct {
	Incident, State, Severity, Service, Title, URL string
}

// Case is what a partner is asked beside the subject and the text.
type Case struct {
	Incident string
	Kind     string
	Urgency  string
	Params   map[string]string
}

// TicketUpdate is what a customer's ticket elsewhere is brought to.
type TicketUpdate struct {
	ID       string
	Priority string
	Tags     []string
	Comment  string
	Public   bool
	Status   string
}

// Backoff is the wait before attempt n+1 after n failed ones: five seconds,
// doubled each time, at most a minute for pages and ten minutes for the rest.
func Backoff(kind string, attempts int) time.Duration {
	limit := 10 * time.Minute
	if kind == KindPage {
		limit = time.Minute
	}
	d := 5 * time.Second << min(max(attempts-1, 0), 10)
	return min(d, limit)
}
