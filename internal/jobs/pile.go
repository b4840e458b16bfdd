package jobs

import (
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// maxPile bounds one message: its transaction, and what a person can take in.
const maxPile = 5000

// pile puts the pages to one address that piled up into one batch each: after
// hours of silence a person gets one message and not a thousand (B23). Pages
// that are on time, and a few that are late, are never put together.
func (s *Sender) pile(tx *store.Tx, ds []*message.Delivery, now time.Time) ([][]*message.Delivery, error) {
	var out [][]*message.Delivery
	late := map[string][]*message.Delivery{} // by address
	var order []string
	behind := s.Behind != nil && s.Behind(now)
	for _, d := range ds {
		if d.Kind != message.KindPage || !behind && now.Sub(d.CreatedAt) < lateAfter {
			out = append(out, []*message.Delivery{d})
			continue
		}
		at := d.Channel + "\x00" + d.Address
		if late[at] == nil {
			order = append(order, at)
		}
		late[at] = append(late[at], d)
	}
	for _, at := range order {
		batches, err := s.bundle(tx, late[at], now)
		if err != nil {
			return nil, err
		}
		out = append(out, batches...)
	}
	return out, nil
}

// bundle claims what else waits for the address, if that is enough for a bundle.
func (s *Sender) bundle(tx *store.Tx, ds []*message.Delivery, now time.Time) ([][]*message.Delivery, error) {
	more, err := deliveries.CountLike(tx, ds[0], now)
	if err != nil {
		return nil, err
	}
	if len(ds)+more < message.BundleFrom {
		out := make([][]*message.Delivery, len(ds))
		for i, d := range ds {
			out[i] = []*message.Delivery{d}
		}
		return out, nil
	}
	rest, err := deliveries.ClaimLike(tx, ds[0], now, s.term(now), maxPile)
	return [][]*message.Delivery{append(ds, rest...)}, err
}
