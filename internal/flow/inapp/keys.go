package inapp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/notices"
)

// mostKeys count at once: one in use, its successor, and room for a mistake.
const mostKeys = 5

// Key is a key with which the product signs tokens.
type Key struct {
	ID        string
	Secret    string // base64url; only when it is made
	CreatedAt time.Time
	CreatedBy string
}

var ofKeys = authz.Resource{Kind: "in-app key"}

// Keys lists the keys that count, without their secrets.
func (f *InApp) Keys(ctx context.Context, a authz.Actor) (out []Key, err error) {
	if err := authz.Can(a, authz.ManageAccess, ofKeys); err != nil {
		return nil, err
	}
	out = []Key{}
	err = f.db.View(ctx, func(tx *store.Tx) error {
		all, err := notices.Keys(tx)
		for _, k := range all {
			out = append(out, Key{ID: k.ID, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy})
		}
		return err
	})
	return out, err
}

// Setup is what whoever builds notices into the product has to know.
type Setup struct {
	Page    string   // where the script and the notices are served
	Origins []string // of the product's pages that may read; none: no page may
	Lasting time.Duration
}

// Setup says how notices are built into the product.
func (f *InApp) Setup(a authz.Actor) (Setup, error) {
	if err := authz.Can(a, authz.ManageAccess, ofKeys); err != nil {
		return Setup{}, err
	}
	return Setup{Page: f.o.Page, Origins: f.o.Origins, Lasting: f.o.Lasting}, nil
}

// NewKey makes a key beside those that count, so that the product can change to it
// before the old one ends. Its secret is answered once.
func (f *InApp) NewKey(ctx context.Context, a authz.Actor, now time.Time) (k Key, err error) {
	if err := authz.Can(a, authz.ManageAccess, ofKeys); err != nil {
		return k, err
	}
	if f.o.Box == nil {
		return k, fault.New(fault.Unavailable, "make a key: this installation has nothing to seal it with")
	}
	var b [32]byte
	_, _ = rand.Read(b[:])
	k = Key{ID: "ik-" + strings.ToLower(rand.Text()[:12]), Secret: base64.RawURLEncoding.EncodeToString(b[:]), CreatedAt: now.UTC(), CreatedBy: a.ID}
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		all, err := notices.Keys(tx)
		if err != nil {
			return err
		}
		if len(all) >= mostKeys {
			return fault.New(fault.Conflict, "there are %d keys already: end one that is not used any more", len(all))
		}
		if err := notices.InsertKey(tx, notices.Key{ID: k.ID, Sealed: f.o.Box.Seal(k.Secret, where(k.ID)), CreatedAt: now, CreatedBy: a.ID}); err != nil {
			return err
		}
		return f.say(tx, a, k.ID, "made", now)
	})
	return k, err
}

// EndKey ends a key: tokens signed with it are refused within a second.
func (f *InApp) EndKey(ctx context.Context, a authz.Actor, id string, now time.Time) error {
	if err := authz.Can(a, authz.ManageAccess, ofKeys); err != nil {
		return err
	}
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		ended, err := notices.EndKey(tx, id, now)
		if err != nil {
			return err
		}
		if !ended {
			return authz.NotFound(ofKeys.Kind, id)
		}
		return f.say(tx, a, id, "ended", now)
	})
}

func (f *InApp) say(tx *store.Tx, a authz.Actor, id, outcome string, now time.Time) error {
	return f.bus.Emit(tx, now, event.Event{Kind: event.KeyChanged, Actor: a.ID, Source: a.Via, Data: event.Data{
		Subject: id, Outcome: outcome, Text: outcome + " the key " + id + " of in-app notices",
	}})
}

func where(id string) string { return "in_app_keys/" + id }

// readKeys opens the keys that count. One that cannot be opened, because the
// installation's secret has changed, counts no more.
func (f *InApp) readKeys(tx *store.Tx, into map[string][]byte) error {
	if f.o.Box == nil {
		return nil
	}
	all, err := notices.Keys(tx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if s, err := f.o.Box.Open(k.Sealed, where(k.ID)); err == nil {
			into[k.ID] = []byte(s.Reveal())
		}
	}
	return nil
}
