package access

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// The doors an integration key opens.
const (
	KeyEvents = "events" // routing_key of the Events API
	KeyHooks  = "hooks"  // {key} of /hooks and /alertmanager
	KeyBeacon = "beacon" // {key} of beacons: everybody who opens a page knows it
)

const (
	maxMapping = 16 << 10
	maxSecret  = 1 << 10
	maxName    = 100
)

// Key is an integration key without its value. It lets events of one service in
// and does nothing else.
type Key struct {
	ID        ident.ID
	Kind      string // KeyEvents | KeyHooks
	ServiceID string
	Name      string
	Mapping   string        // how a generic payload is read; empty for none
	Secret    secret.String // of the source's signatures; empty: unsigned. Only FindKey fills it in
	Signed    bool          // whether there is a secret
	CreatedBy string
	CreatedAt time.Time
}

// NewKey is what a key is made from.
type NewKey struct {
	Kind      string
	ServiceID string
	Name      string
	Mapping   string
	Secret    secret.String
}

// CreateKey makes an integration key and returns it with its value, which is
// shown this once: 32 characters of hex, as the routing keys of PagerDuty have
// (https://developer.pagerduty.com/docs/events-api-v2-overview).
func (a *Access) CreateKey(ctx context.Context, now time.Time, who Identity, in NewKey) (Key, secret.String, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return Key{}, "", err
	}
	if err := in.check(); err != nil {
		return Key{}, "", err
	}
	if err := a.checkMapping(in.Mapping); err != nil {
		return Key{}, "", err
	}
	if in.Secret != "" && a.opt.Box == nil {
		return Key{}, "", fault.New(fault.Unavailable, "signature secrets cannot be stored: this installation has no key to seal them with")
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	plain := secret.String(hex.EncodeToString(raw[:]))
	k := &accounts.Key{Hash: secret.Hash(plain.Reveal()), Kind: in.Kind, ServiceID: in.ServiceID, Name: in.Name, Mapping: in.Mapping, CreatedBy: who.Actor.ID, CreatedAt: now}
	err := a.update(ctx, func(tx *store.Tx) error {
		if a.opt.CheckService != nil {
			if err := a.opt.CheckService(tx, in.ServiceID); err != nil {
				return err
			}
		}
		k.ID = tx.NewID(now)
		if in.Secret != "" {
			k.Secret = a.opt.Box.Seal(in.Secret.Reveal(), keyPlace(k.ID))
		}
		if err := accounts.InsertKey(tx, k); err != nil {
			return err
		}
		tx.AfterCommit(a.ring.forget)
		return a.record(tx, now, who.Actor, event.KeyChanged, event.Data{Ref: k.ID.String(), Subject: k.ServiceID, Outcome: "created", Text: k.Name})
	})
	if err != nil {
		return Key{}, "", err
	}
	return keyOf(k), plain, nil
}

func (in NewKey) check() error {
	bad := fault.New(fault.Invalid, "the integration key is not complete")
	switch {
	case in.Kind != KeyEvents && in.Kind != KeyHooks && in.Kind != KeyBeacon:
		return bad.With("body.kind", "events, hooks or beacon")
	case in.ServiceID == "":
		return bad.With("body.service", "a key belongs to a service")
	case len(in.Name) > maxName:
		return bad.With("body.name", "too long")
	case len(in.Mapping) > maxMapping:
		return bad.With("body.mapping", "too long")
	case len(in.Secret) > maxSecret:
		return bad.With("body.secret", "too long")
	}
	return nil
}

func keyPlace(id ident.ID) string { return "integration_keys|" + id.String() + "|secret" }

func keyOf(k *accounts.Key) Key {
	return Key{ID: k.ID, Kind: k.Kind, ServiceID: k.ServiceID, Name: k.Name, Mapping: k.Mapping, Signed: k.Secret != "", CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt}
}

// ListKeys returns keys with ids after the given one.
func (a *Access) ListKeys(ctx context.Context, who Identity, after ident.ID, limit int) ([]Key, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return nil, err
	}
	var out []Key
	err := a.view(ctx, func(tx *store.Tx) error {
		rows, err := accounts.ListKeys(tx, after, limit)
		for _, r := range rows {
			out = append(out, keyOf(r))
		}
		return err
	})
	return out, err
}

// RevokeKey ends a key at once here, and within a second on other nodes.
func (a *Access) RevokeKey(ctx context.Context, now time.Time, who Identity, id ident.ID) error {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return err
	}
	return a.update(ctx, func(tx *store.Tx) error {
		k, err := accounts.GetKey(tx, id)
		if err != nil {
			return err
		}
		if k == nil {
			return authz.NotFound("integration key", id.String())
		}
		if err := accounts.DeleteKey(tx, id); err != nil {
			return err
		}
		tx.AfterCommit(a.ring.forget)
		return a.record(tx, now, who.Actor, event.KeyChanged, event.Data{Ref: id.String(), Subject: k.ServiceID, Outcome: "revoked", Text: k.Name})
	})
}

// FindKey returns the key with the value, or fault.NotFound: the same for an
// unknown value and for one of another kind. It answers from memory and looks
// at the database at most once a second, whatever is asked. The caller must not
// change what it returns.
func (a *Access) FindKey(ctx context.Context, now time.Time, kind, value string) (*Key, error) {
	keys, err := a.ring.at(ctx, now)
	if err != nil {
		return nil, err
	}
	if len(value) == 32 {
		if k := keys[secret.Hash(value)]; k != nil && k.Kind == kind {
			return k, nil
		}
	}
	return nil, fault.New(fault.NotFound, "unknown key")
}

func (a *Access) loadKeys(ctx context.Context) (keys map[string]*Key, version int64, err error) {
	err = a.view(ctx, func(tx *store.Tx) error {
		if version, err = accounts.KeysVersion(tx); err != nil {
			return err
		}
		rows, err := accounts.AllKeys(tx)
		if err != nil {
			return err
		}
		keys = make(map[string]*Key, len(rows))
		for _, r := range rows {
			k := keyOf(r)
			if r.Secret != "" {
				if k.Secret, err = a.unseal(r); err != nil {
					return err
				}
			}
			keys[r.Hash] = &k
		}
		return nil
	})
	return keys, version, err
}

func (a *Access) unseal(r *accounts.Key) (secret.String, error) {
	if a.opt.Box == nil {
		return "", fault.New(fault.Unavailable, "the signature secret of an integration key is sealed, and this installation has no key to open it with")
	}
	return a.opt.Box.Open(r.Secret, keyPlace(r.ID))
}

func (a *Access) keysVersion(ctx context.Context) (version int64, err error) {
	err = a.view(ctx, func(tx *store.Tx) error {
		version, err = accounts.KeysVersion(tx)
		return err
	})
	return version, err
}
