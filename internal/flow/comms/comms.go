// Package comms owns telling customers and the public: drafts, approvals,
// publishing, who receives a mail, and the snapshot behind the status page. It
// must not decide when something is told; the procedure's rules and people do.
package comms

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/brand"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/procedures"
)

// Page is what the status page is called and where it stands.
type Page struct {
	Name     string
	URL      string // without a trailing slash
	TimeZone string // IANA name; Etc/UTC when empty
	// Key signs the addresses of tenants' pages; without it none are made.
	Key []byte
	// Copies are channels that keep a copy of the page elsewhere (PLT-SP-RT).
	Copies []string
	// Serves reports whether a channel to the public has a provider; what has none is
	// posted by a person. Nil: all have.
	Serves func(channel string) bool

	brand brand.Brand // as it was chosen, when the page is drawn
}

// Comms tells customers and the public. Make it with New.
type Comms struct {
	db      *store.DB
	bus     *jobs.Bus
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)
	page    Page
	// Outside knows what people outside say of being told; nil: nothing is known.
	Outside Outside
	// MostSMS is how many text messages one incident sends to customers at most,
	// since each costs money; 0: DefaultSMS.
	MostSMS int
}

// Outside is who keeps what is known of addresses outside.
type Outside interface {
	// Link is where whoever has the address can say that they want no more.
	Link(channel, address string) string
	// Bounce is the address to which it is reported that a delivery failed.
	Bounce(delivery ident.ID) string
	// Refused is told of a delivery whose address takes no messages.
	Refused(tx *store.Tx, d *message.Delivery, now time.Time) error
}

// DefaultSMS is how many text messages to customers an incident may send where
// nobody says otherwise.
const DefaultSMS = 500

// roleLegal is who alone lets something out of a restricted incident
// (reading 18).
const roleLegal = "legal-counsel"

// New returns the flow; Wire connects it to the others.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error), page Page) *Comms {
	if page.Name == "" {
		page.Name = "Status"
	}
	return &Comms{db: db, bus: bus, shelf: shelf, catalog: cat, page: page}
}

// Wire makes the flow hear what the others record. Emitters save the incident
// before they emit, because the handlers read it from its row.
func (c *Comms) Wire() {
	c.bus.On(event.MessageWanted, c.onWanted)
	c.bus.On(event.SeverityChanged, c.onSeverity)
	c.bus.On(event.ResolvedKind, c.onOver)
	c.bus.On(event.Dismissed, c.onDismissed)
	c.bus.On(event.Merged, c.onMerged)
	c.bus.On(event.CatalogChanged, c.onCatalog)
	c.bus.On(event.MaintenanceSet, c.onMaintenance)
}

// open reads and locks the incident by its number if the actor may do the
// verb there. What the actor may not see answers like what is missing
// (INV-A3).
func (c *Comms) open(tx *store.Tx, a authz.Actor, v authz.Verb, number int64) (*incident.Incident, error) {
	inc, err := incidents.ByNumber(tx, number)
	if fault.Is(err, fault.NotFound) {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	if err := may(a, v, inc); err != nil {
		return nil, err
	}
	if v == authz.Read {
		return inc, nil
	}
	return incidents.Get(tx, inc.ID)
}

func may(a authz.Actor, v authz.Verb, inc *incident.Incident) error {
	r := authz.Resource{Kind: "incident", ID: inc.Ref(), Restricted: inc.Restricted}
	if inc.VisibleTo(a.ID) {
		r.Circle = []string{a.ID}
	}
	err := authz.Can(a, v, r)
	if fault.Is(err, fault.NotFound) {
		return missing()
	}
	return err
}

func missing() error { return fault.New(fault.NotFound, "there is no such incident") }

func noMessage() error { return fault.New(fault.NotFound, "there is no such message") }

// find reads a message and its incident without locking them.
func (c *Comms) find(tx *store.Tx, a authz.Actor, v authz.Verb, id ident.ID) (*message.Message, *incident.Incident, error) {
	m, err := messages.Peek(tx, id)
	if err != nil {
		return nil, nil, err
	}
	inc, err := incidents.Peek(tx, m.IncidentID)
	if err != nil {
		return nil, nil, err
	}
	if err := may(a, v, inc); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = noMessage()
		}
		return nil, nil, err
	}
	return m, inc, nil
}

// take reads a message and its incident for a change. What is published stays
// as it is and is answered without a lock, so that a change never waits for
// mails that are going out.
func (c *Comms) take(tx *store.Tx, a authz.Actor, verb authz.Verb, id ident.ID) (*incident.Incident, *message.Message, error) {
	m, inc, err := c.find(tx, a, verb, id)
	if err != nil || !m.Waiting() {
		return inc, m, err
	}
	if inc, err = incidents.Get(tx, m.IncidentID); err != nil {
		return nil, nil, err
	}
	m, err = messages.Get(tx, id)
	return inc, m, err
}

// emit records something that happened to a message.
func (c *Comms) emit(tx *store.Tx, now time.Time, k event.Kind, inc *incident.Incident, m *message.Message, by, source string, change func(*event.Data)) error {
	e := event.Event{
		IncidentID: inc.ID, Kind: k, Actor: by, Source: source, Restricted: inc.Restricted,
		Data: event.Data{
			Ref: m.ID.String(), Audience: m.Audience, Channels: m.Channels, Status: m.Status, Subject: m.Subject, Text: message.Named(m.Text, ""),
			Number: int64(m.Recipients), Clauses: m.Clauses, Private: m.Private, Severity: inc.Severity.String(),
		},
	}
	if m.Purpose != message.PurposeUpdate {
		e.Data.Rule = m.Purpose
	}
	if change != nil {
		change(&e.Data)
	}
	return c.bus.Emit(tx, now, e)
}

// speaksForLegal reports whether the person holds the role of Legal.
func speaksForLegal(cat *catalog.Catalog, person string) bool {
	return person != "" && slices.Contains(cat.People[person].Roles, roleLegal)
}

// newID makes an opaque id for the public page: random, so that it says
// nothing about how many there were before.
func newID() string { return strings.ToLower(rand.Text()[:12]) }
