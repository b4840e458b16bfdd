package access

import (
	"context"
	"errors"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// SetMapping changes how payloads that come in by a key are read, from the next
// one on. On other nodes that is within a second.
func (a *Access) SetMapping(ctx context.Context, now time.Time, who Identity, id ident.ID, mapping string) (Key, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return Key{}, err
	}
	var out Key
	err := a.update(ctx, func(tx *store.Tx) error {
		k, err := accounts.GetKey(tx, id)
		if err != nil {
			return err
		}
		if k == nil {
			return authz.NotFound("integration key", id.String())
		}
		if k.Kind != KeyHooks && mapping != "" {
			return fault.New(fault.Invalid, "this key cannot have a mapping").With("body.mapping", "only payloads of hooks are read by one")
		}
		if err := a.checkMapping(mapping); err != nil {
			return err
		}
		out = keyOf(k)
		if k.Mapping == mapping {
			return nil
		}
		k.Mapping, out.Mapping = mapping, mapping
		if err := accounts.SetMapping(tx, id, mapping); err != nil {
			return err
		}
		tx.AfterCommit(a.ring.forget)
		return a.record(tx, now, who.Actor, event.KeyChanged, event.Data{Ref: id.String(), Subject: k.ServiceID, Outcome: "mapping changed", Text: k.Name})
	})
	return out, err
}

// checkMapping refuses a mapping that could not be used when an event comes.
func (a *Access) checkMapping(mapping string) error {
	if mapping == "" || a.opt.Mapper == nil {
		return nil
	}
	return below("body.mapping", a.opt.Mapper.CheckMapping(mapping))
}

// below puts where a detail is below the field of the request that it is about.
func below(field string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Details) == 0 {
		return err
	}
	moved := fault.New(f.Kind, "%s", f.Message)
	for _, d := range f.Details {
		moved = moved.With(field+d.Where, d.What)
	}
	return moved
}
