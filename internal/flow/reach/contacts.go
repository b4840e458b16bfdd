package reach

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/contacts"
)

// Contact is one way to reach the person.
type Contact struct {
	catalog.Contact
	Implied bool      // the person's mail address, which counts where no e-mail is listed
	CodeBy  time.Time // until when a code can be entered; zero: none was sent, or it is over
}

const (
	codeLife  = 10 * time.Minute
	codePause = 30 * time.Second // between two codes to one contact
	codeTries = 5
)

// Contacts lists how the person can be reached, in the catalogue's order.
func (r *Reach) Contacts(ctx context.Context, me Me, now time.Time) (out []Contact, err error) {
	if err := me.may(); err != nil {
		return nil, err
	}
	err = r.view(ctx, func(tx *store.Tx) error {
		out = nil
		p, err := r.person(tx, me.Person)
		if err != nil {
			return err
		}
		codes, err := contacts.CodesOf(tx, me.Person)
		if err != nil {
			return err
		}
		for _, c := range p.Contacts {
			one := Contact{Contact: c}
			for _, k := range codes {
				if k.Channel == c.Channel && k.Address == c.Address && now.Before(k.ExpiresAt) {
					one.CodeBy = k.ExpiresAt
				}
			}
			out = append(out, one)
		}
		if p.Email != "" && !slices.ContainsFunc(p.Contacts, func(c catalog.Contact) bool { return c.Channel == "email" }) {
			out = append(out, Contact{Contact: catalog.Contact{Channel: "email", Address: p.Email, Verified: true}, Implied: true})
		}
		return nil
	})
	return out, err
}

// Add makes the contact the person's, unverified, and sends a code to it; for a
// contact that is there already it sends another code. The answer is what the
// provider said to the code.
func (r *Reach) Add(ctx context.Context, me Me, c catalog.Contact, now time.Time) (Answer, error) {
	if err := me.may(); err != nil {
		return Answer{}, err
	}
	c.Address, c.Label, c.Verified = strings.TrimSpace(c.Address), strings.TrimSpace(c.Label), false
	if c.Channel == Push {
		return Answer{}, fault.New(fault.Invalid, "a device is added by the browser on it").With("body.channel", "use /me/push-subscriptions")
	}
	if err := r.count(me.Person, now); err != nil {
		return Answer{}, err
	}
	code, err := newCode()
	if err != nil {
		return Answer{}, err
	}
	var name string
	err = r.update(ctx, func(tx *store.Tx) error {
		p, err := r.person(tx, me.Person)
		if err != nil {
			return err
		}
		name = p.Name
		if err := r.o.Edit(tx, me.Actor, me.Person, now, adding(c)); err != nil {
			return err
		}
		return r.keepCode(tx, me.Person, c, code, now)
	})
	if err != nil {
		return Answer{}, err
	}
	spoken := code
	if c.Channel == "voice" { // digits, not a number of six figures
		spoken = strings.Join(strings.Split(code, ""), ", ")
	}
	const subject, text = "Your code for Allclear", "%s is the code that confirms this contact. It is good for 10 minutes. Nobody asks you for it on the phone."
	return r.send(ctx, me.Person, c.Channel, c.Address, plug.Message{
		Kind: plug.Notice, Name: name, Subject: subject, Text: fmt.Sprintf(text, spoken),
	}, fmt.Sprintf(text, "••••••"), now)
}

// adding refuses only what is verified already: it needs no code.
func adding(c catalog.Contact) func(*catalog.Person) error {
	return func(p *catalog.Person) error {
		for i, have := range p.Contacts {
			if !same(have, c.Channel, c.Address) {
				continue
			}
			if have.Verified {
				return fault.New(fault.Conflict, "this contact is yours and verified already")
			}
			if c.Label != "" {
				p.Contacts[i].Label = c.Label
			}
			return nil
		}
		p.Contacts = append(p.Contacts, c)
		return nil
	}
}

func same(c catalog.Contact, channel, address string) bool {
	return c.Channel == channel && c.Address == address
}

func (r *Reach) keepCode(tx *store.Tx, person string, c catalog.Contact, code string, now time.Time) error {
	last, err := contacts.GetCode(tx, person, c.Channel, c.Address)
	if err != nil {
		return err
	}
	if last != nil && now.Sub(last.SentAt) < codePause {
		return fault.New(fault.Busy, "a code went out just now: wait half a minute for it before you ask for another")
	}
	k := &contacts.Code{Person: person, Channel: c.Channel, Address: c.Address, SentAt: now, ExpiresAt: now.Add(codeLife)}
	k.Hash = r.hash(k, code)
	return contacts.PutCode(tx, k)
}

// hash binds a code to its contact. Six digits are guessed in no time from a
// plain hash, hence the key.
func (r *Reach) hash(k *contacts.Code, code string) string {
	m := hmac.New(sha256.New, r.o.Key)
	m.Write([]byte(strings.Join([]string{"contact code", k.Person, k.Channel, k.Address, code}, "\x00")))
	return hex.EncodeToString(m.Sum(nil))
}

func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%06d", n), nil
}

// Verify takes the code that came over the contact. A wrong one costs a try,
// which is committed although the answer is a refusal.
func (r *Reach) Verify(ctx context.Context, me Me, channel, address, code string, now time.Time) error {
	if err := me.may(); err != nil {
		return err
	}
	var refused error
	err := r.update(ctx, func(tx *store.Tx) error {
		refused = nil
		k, err := contacts.GetCode(tx, me.Person, channel, address)
		switch {
		case err != nil:
			return err
		case k == nil || !now.Before(k.ExpiresAt):
			return fault.New(fault.Conflict, "there is no code to enter, or it is over: ask for another")
		case k.Tries >= codeTries:
			return fault.New(fault.Conflict, "the code was wrong %d times: ask for another", codeTries)
		}
		if !hmac.Equal([]byte(k.Hash), []byte(r.hash(k, strings.TrimSpace(code)))) {
			k.Tries++
			refused = fault.New(fault.Invalid, "the code is wrong, %d more tries", codeTries-k.Tries).With("body.code", "not the code that was sent last")
			return contacts.PutCode(tx, k)
		}
		if err := contacts.DropCode(tx, me.Person, channel, address); err != nil {
			return err
		}
		return r.o.Edit(tx, me.Actor, me.Person, now, func(p *catalog.Person) error {
			i := slices.IndexFunc(p.Contacts, func(c catalog.Contact) bool { return same(c, channel, address) })
			if i < 0 {
				return authz.NotFound("contact", address)
			}
			p.Contacts[i].Verified = true
			return nil
		})
	})
	if err != nil {
		return err
	}
	return refused
}

// Remove takes a contact from the person. The code that waits stays until it is
// over, so that nobody asks for codes without end by adding and removing.
func (r *Reach) Remove(ctx context.Context, me Me, channel, address string, now time.Time) error {
	if err := me.may(); err != nil {
		return err
	}
	if channel == Push {
		return fault.New(fault.Invalid, "a device is removed by its id").With("query.channel", "use /me/push-subscriptions")
	}
	return r.update(ctx, func(tx *store.Tx) error {
		return r.o.Edit(tx, me.Actor, me.Person, now, func(p *catalog.Person) error {
			n := len(p.Contacts)
			p.Contacts = slices.DeleteFunc(p.Contacts, func(c catalog.Contact) bool { return same(c, channel, address) })
			if len(p.Contacts) == n {
				return authz.NotFound("contact", address)
			}
			return nil
		})
	})
}
