package reach

import (
	"context"
	"net/url"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/contacts"
)

// Push is the channel of devices. Its address in the catalogue is the id of a
// subscription, so that nobody who reads a person can send to the device.
const Push = "push"

// Device is a browser that takes pushes.
type Device struct {
	ID          ident.ID
	Label       string
	Host        string // of its push service
	CreatedAt   time.Time
	SucceededAt time.Time // zero: nothing was sent yet
	GoneAt      time.Time // zero: it is there
}

// NewDevice is what a browser hands out.
type NewDevice struct{ Endpoint, P256dh, Auth, Label string }

const (
	maxDevices = 20
	maxLabel   = 100
)

func (r *Reach) push() (plug.Push, error) {
	ch, _ := r.o.Channels(Push)
	p, ok := plug.PushOf(ch)
	if !ok || r.o.Box == nil {
		return nil, fault.New(fault.Unavailable, "this installation sends no pushes")
	}
	return p, nil
}

// PublicKey is what a browser subscribes with.
func (r *Reach) PublicKey() (string, error) {
	p, err := r.push()
	if err != nil {
		return "", err
	}
	return p.PublicKey(), nil
}

// Devices lists the person's devices, those that are gone too.
func (r *Reach) Devices(ctx context.Context, me Me) (out []Device, err error) {
	if err := me.may(); err != nil {
		return nil, err
	}
	err = r.view(ctx, func(tx *store.Tx) error {
		subs, err := contacts.Of(tx, me.Person)
		for _, s := range subs {
			out = append(out, deviceOf(s))
		}
		return err
	})
	return out, err
}

func deviceOf(s *contacts.Subscription) Device {
	return Device{ID: s.ID, Label: s.Label, Host: s.Host, CreatedAt: s.CreatedAt, SucceededAt: s.SucceededAt, GoneAt: s.GoneAt}
}

// Subscribe makes a device a contact of the person, verified, since the person
// holds it. A device that somebody else signed in on before is theirs no more.
func (r *Reach) Subscribe(ctx context.Context, me Me, in NewDevice, now time.Time) (Device, error) {
	if err := me.may(); err != nil {
		return Device{}, err
	}
	p, err := r.push()
	if err != nil {
		return Device{}, err
	}
	if in.Label == "" || len(in.Label) > maxLabel {
		return Device{}, fault.New(fault.Invalid, "the device has no usable name").With("body.label", "1 to 100 bytes")
	}
	address, err := p.Subscription(in.Endpoint, in.P256dh, in.Auth)
	if err != nil {
		return Device{}, err
	}
	u, err := url.Parse(in.Endpoint)
	if err != nil {
		return Device{}, fault.New(fault.Invalid, "the endpoint is no address")
	}
	s := &contacts.Subscription{Person: me.Person, Digest: secret.Hash(in.Endpoint), Host: u.Host, Label: in.Label, CreatedAt: now}
	err = r.update(ctx, func(tx *store.Tx) error {
		if _, err := r.person(tx, me.Person); err != nil {
			return err
		}
		same, err := contacts.Same(tx, s.Digest)
		if err != nil {
			return err
		}
		if same != nil && r.unchanged(same, me.Person, address) {
			s = same
			return nil
		}
		return r.replace(tx, me, same, s, address, now)
	})
	return deviceOf(s), err
}

func (r *Reach) unchanged(same *contacts.Subscription, person string, address secret.String) bool {
	if same.Person != person || !same.GoneAt.IsZero() {
		return false
	}
	was, err := r.o.Box.Open(same.Sealed, place(same.ID))
	return err == nil && was.Equal(address.Reveal())
}

func (r *Reach) replace(tx *store.Tx, me Me, same, s *contacts.Subscription, address secret.String, now time.Time) error {
	if same != nil {
		if err := r.drop(tx, me.Actor, same, now); err != nil {
			return err
		}
	}
	all, err := contacts.Of(tx, me.Person)
	if err != nil {
		return err
	}
	if len(all) >= maxDevices {
		return fault.New(fault.Conflict, "%d devices are the most: remove one first", maxDevices)
	}
	s.ID = tx.NewID(now)
	s.Sealed = r.o.Box.Seal(address.Reveal(), place(s.ID))
	if err := contacts.Insert(tx, s); err != nil {
		return err
	}
	return r.o.Edit(tx, me.Actor, me.Person, now, func(p *catalog.Person) error {
		p.Contacts = append(p.Contacts, catalog.Contact{Channel: Push, Address: s.ID.String(), Verified: true, Label: s.Label})
		return nil
	})
}

func place(id ident.ID) string { return "push_subscriptions|" + id.String() + "|sealed" }

// Unsubscribe forgets a device. A foreign one answers like a missing one
// (INV-A3).
func (r *Reach) Unsubscribe(ctx context.Context, me Me, id ident.ID, now time.Time) error {
	if err := me.may(); err != nil {
		return err
	}
	return r.update(ctx, func(tx *store.Tx) error {
		s, err := contacts.Get(tx, id)
		if err != nil {
			return err
		}
		if s == nil || s.Person != me.Person {
			return authz.NotFound("device", id.String())
		}
		return r.drop(tx, me.Actor, s, now)
	})
}

func (r *Reach) drop(tx *store.Tx, actor authz.Actor, s *contacts.Subscription, now time.Time) error {
	if err := contacts.Delete(tx, s.ID); err != nil {
		return err
	}
	return r.unlist(tx, actor, s, now)
}

// unlist takes the device out of the person's contacts. Whoever has left the
// catalogue has none.
func (r *Reach) unlist(tx *store.Tx, actor authz.Actor, s *contacts.Subscription, now time.Time) error {
	err := r.o.Edit(tx, actor, s.Person, now, func(p *catalog.Person) error {
		p.Contacts = slices.DeleteFunc(p.Contacts, func(c catalog.Contact) bool { return c.Channel == Push && c.Address == s.ID.String() })
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Aim finds what the address of a delivery stands for. One that stands for
// nothing is left: its send fails for good, and the next contact is tried.
func (r *Reach) Aim(tx *store.Tx, d *message.Delivery) error {
	if d.Channel != Push || r.o.Box == nil {
		return nil
	}
	target, err := r.target(tx, d.Address)
	d.Headers.Target = target
	return err
}

// deviceID reads the address of a push contact; false for one that is no device
// of ours.
func deviceID(address string) (ident.ID, bool) {
	id, err := ident.Parse(address)
	return id, err == nil
}

func (r *Reach) target(tx *store.Tx, address string) (secret.String, error) {
	id, ok := deviceID(address)
	if !ok {
		return "", nil
	}
	s, err := contacts.Get(tx, id)
	if err != nil || s == nil || !s.GoneAt.IsZero() {
		return "", err
	}
	target, err := r.o.Box.Open(s.Sealed, place(s.ID))
	if err != nil {
		return "", nil //nolint:nilerr // sealed by another key: the send fails for good, and the next contact has its turn
	}
	return target, nil
}

// Outcome follows an attempt on a device: what is gone is forgotten, and the
// person is told over another contact (B34). Call it after paging has gone on to
// the next contact.
func (r *Reach) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	id, ok := deviceID(d.Address)
	if d.Channel != Push || !ok {
		return nil
	}
	if d.State == message.Accepted {
		return contacts.Succeeded(tx, id, now)
	}
	if !d.Gone {
		return nil
	}
	s, first, err := r.forget(tx, id, now)
	if err != nil || !first || d.IncidentID == 0 { // their list of contacts shows it; what was sent goes on to the next of them
		return err
	}
	return r.bus.Emit(tx, now, event.Event{
		IncidentID: d.IncidentID, Kind: event.NoticeWanted, Actor: authz.Software(Push).ID, Source: Push,
		Data: event.Data{
			Rule: "device_gone", Targets: []string{"person:" + s.Person}, Ref: s.ID.String(),
			Subject: "Your device " + s.Label + " takes no more pages",
			Text:    "Its push service no longer knows it, so it is no contact of yours any more. Open My contacts on the device and turn pushes on again.",
		},
	})
}

// forget marks the device as gone and takes it out of the contacts; first is
// false when that was done before.
func (r *Reach) forget(tx *store.Tx, id ident.ID, now time.Time) (s *contacts.Subscription, first bool, err error) {
	if s, err = contacts.Get(tx, id); err != nil || s == nil {
		return nil, false, err
	}
	if first, err = contacts.Gone(tx, id, now); err != nil || !first {
		return s, false, err
	}
	return s, true, r.unlist(tx, authz.Software(Push), s, now)
}
