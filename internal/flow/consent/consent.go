// Package consent owns what people outside say of being told: that they want no
// more messages, or want them again, and that messages to them come back. It must
// not send anything, and it decides for nobody which message goes out all the same:
// message.Message.Binding does.
package consent

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
)

// Options of New.
type Options struct {
	Key     []byte // signs links and addresses for failures; without it there are none
	URL     string // of the page's listener, where links lead, without a trailing slash
	Domain  string // at which reports of failures come in; empty: they do not
	Catalog func(*store.Tx) (*catalog.Catalog, error)
}

// Consent keeps what is known of addresses. Make it with New.
type Consent struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Consent { return &Consent{db: db, bus: bus, o: o} }

// Links are signed, not stored, like those in pages (ADR 0009). A token is a letter
// for the channel, the hash of the address, and their signature: it names the
// address to nobody, and whoever has it may say this one thing of it.

const (
	hashBytes = 16
	macBytes  = 16

	tokenLength = (1 + hashBytes + macBytes) * 4 / 3 // decoding passes over line breaks
)

var letters = map[string]byte{message.Email: 'e', message.SMS: 's'}

func (c *Consent) sign(what string, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, c.o.Key)
	m.Write([]byte(what + "\x00"))
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)[:macBytes]
}

// Link is where whoever has the address can say that they want no more messages;
// empty when there is no such place.
func (c *Consent) Link(channel, address string) string {
	letter, ok := letters[channel]
	hash, err := hex.DecodeString(message.AddressHash(channel, address))
	if !ok || err != nil || len(c.o.Key) == 0 || c.o.URL == "" {
		return ""
	}
	body := append([]byte{letter}, hash...)
	return c.o.URL + "/u/" + base64.RawURLEncoding.EncodeToString(append(body, c.sign("unsubscribe", body)...))
}

// open reads a token; one that was not signed here is fault.NotFound.
func (c *Consent) open(token string) (channel, hash string, err error) {
	unknown := fault.New(fault.NotFound, "this link is not known")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) != tokenLength || len(raw) != 1+hashBytes+macBytes || len(c.o.Key) == 0 {
		return "", "", unknown
	}
	body := raw[:1+hashBytes]
	if !hmac.Equal(raw[len(body):], c.sign("unsubscribe", body)) {
		return "", "", unknown
	}
	for ch, l := range letters {
		if l == body[0] {
			return ch, hex.EncodeToString(body[1:]), nil
		}
	}
	return "", "", unknown
}

// Choice is what stands for an address, as whoever has it may see it.
type Choice struct {
	Channel  string
	OptedOut bool
}

// Look reads what stands behind a link. The token is the right to.
func (c *Consent) Look(ctx context.Context, token string) (out Choice, err error) {
	channel, hash, err := c.open(token)
	if err != nil {
		return out, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		s, err := addresses.Get(tx, channel, hash)
		out = Choice{channel, s.OptedOut()}
		return err
	})
	return out, err
}

// Choose takes what whoever has the address wants. The token is the right to; the
// same again changes nothing.
func (c *Consent) Choose(ctx context.Context, token string, out bool, now time.Time) (Choice, error) {
	channel, hash, err := c.open(token)
	if err != nil {
		return Choice{}, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return c.set(tx, channel, hash, out, message.ByReader, "link", now)
	})
	return Choice{channel, out}, err
}

// Heard takes what a provider heard from whoever has an address. The caller vouches
// that the provider said it.
func (c *Consent) Heard(ctx context.Context, channel, address, provider string, out bool, now time.Time) error {
	if address == "" || letters[channel] == 0 {
		return nil
	}
	return c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return c.set(tx, channel, message.AddressHash(channel, address), out, message.ByProvider, provider, now)
	})
}

func (c *Consent) set(tx *store.Tx, channel, hash string, out bool, by, source string, now time.Time) error {
	s, err := addresses.Get(tx, channel, hash)
	if err != nil || s.OptedOut() == out {
		return err
	}
	outcome, text := "opted_out", "wants no more messages"
	s.OptedOutAt, s.OptedOutBy = now, by
	if !out {
		outcome, text = "opted_in", "wants messages again"
		s.OptedOutAt, s.OptedOutBy = time.Time{}, ""
	}
	if err := addresses.Save(tx, s, now); err != nil {
		return err
	}
	return c.tell(tx, &s, outcome, text, by, source, now)
}

// tell puts a change on the record, with the customers it concerns and never with
// the address.
func (c *Consent) tell(tx *store.Tx, s *message.Standing, outcome, text, by, source string, now time.Time) error {
	cat, err := c.o.Catalog(tx)
	if err != nil {
		return err
	}
	var customers []string
	for id := range cat.Customers {
		k := cat.Customers[id]
		chat := k.Chat(s.Channel)
		if chat != "" && message.AddressHash(s.Channel, chat) == s.Hash || slices.ContainsFunc(k.Contacts, func(p catalog.CustomerContact) bool { return names(&p, s) }) {
			customers = append(customers, id)
		}
	}
	slices.Sort(customers)
	who := "somebody who is a contact no more"
	if len(customers) > 0 {
		who = "a contact of " + strings.Join(customers, ", ")
	}
	return c.bus.Emit(tx, now, event.Event{Kind: event.AddressSet, Actor: by, Source: source, Data: event.Data{
		Targets: customers, Channel: s.Channel, Outcome: outcome, Text: who + " " + text + " (" + s.Channel + ")",
	}})
}

// names reports whether a contact has the address.
func names(p *catalog.CustomerContact, s *message.Standing) bool {
	if !message.Personal(s.Channel) {
		return false
	}
	a := p.Email
	if s.Channel == message.SMS {
		a = p.Phone
	}
	return a != "" && message.AddressHash(s.Channel, a) == s.Hash
}

var lower = base32.StdEncoding.WithPadding(base32.NoPadding)

// bouncePrefix begins the addresses that failures are reported to.
const bouncePrefix = "bounce+"

// Bounce is the address to which it is reported that a delivery did not arrive;
// empty when no mail comes in. It is signed, so that nobody can report what did not
// happen.
func (c *Consent) Bounce(delivery ident.ID) string {
	if c.o.Domain == "" || len(c.o.Key) == 0 || delivery == 0 {
		return ""
	}
	id := delivery.String()
	return bouncePrefix + id + "-" + strings.ToLower(lower.EncodeToString(c.sign("bounce", []byte(id)))) + "@" + c.o.Domain
}

// bounced reads the part before the @ of such an address.
func (c *Consent) bounced(local string) (ident.ID, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(local), bouncePrefix)
	id, mac, cut := strings.Cut(rest, "-")
	if !ok || !cut || len(c.o.Key) == 0 {
		return 0, false
	}
	got, err := lower.DecodeString(strings.ToUpper(mac))
	if err != nil || !hmac.Equal(got, c.sign("bounce", []byte(id))) {
		return 0, false
	}
	n, err := ident.Parse(id)
	return n, err == nil
}
