package comms

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/brand"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

func thePage() authz.Resource { return authz.Resource{Kind: "status page"} }

// Brand reads how the status page looks.
func (c *Comms) Brand(ctx context.Context, a authz.Actor) (b brand.Brand, err error) {
	if err := authz.Can(a, authz.Read, thePage()); err != nil {
		return b, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		b, err = messages.Brand(tx)
		return err
	})
	return b, err
}

// SetBrand changes how the status page looks, as a whole. What comes back has its
// pictures cleaned. Colours that cannot be read are refused with the reason.
func (c *Comms) SetBrand(ctx context.Context, a authz.Actor, b brand.Brand, now time.Time) (brand.Brand, error) {
	if err := authz.Can(a, authz.ManageCatalog, thePage()); err != nil {
		return b, err
	}
	if err := b.Check(); err != nil {
		return b, err
	}
	return b, c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := messages.SaveBrand(tx, b, now); err != nil {
			return err
		}
		return c.bus.Emit(tx, now, event.Event{Kind: event.PageChanged, Actor: a.ID, Source: a.Via, Data: event.Data{Text: "the status page looks different"}})
	})
}
