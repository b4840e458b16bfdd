package comms

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Pages are what the page's listener shows at one instant.
type Pages struct {
	Public *status.Snapshot
	// Tenants are the private pages that have an address, by the hash of its
	// token. Nil stands for the public page: nothing was told to this customer
	// alone.
	Tenants map[string]*status.Snapshot
}

// Snapshot is the public page at now: components of the catalogue, posts that
// were published, uptime. It is made of message.Post alone, never of an
// incident, so it cannot show what was not published. The first call marks
// the page's birth, from which uptime is counted.
func (c *Comms) Snapshot(ctx context.Context, now time.Time) (s *status.Snapshot, err error) {
	err = c.drawing(ctx, now, func(_ *store.Tx, draw func(tenant string) *status.Snapshot, _ []*message.Post) error {
		s = draw("")
		return nil
	})
	return s, err
}

// TenantSnapshot is the page of one customer: the public one and what was told
// to this customer alone (reading 17).
func (c *Comms) TenantSnapshot(ctx context.Context, a authz.Actor, tenant string, now time.Time) (s *status.Snapshot, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{Kind: "customer", ID: tenant}); err != nil {
		return nil, err
	}
	err = c.drawing(ctx, now, func(_ *store.Tx, draw func(tenant string) *status.Snapshot, _ []*message.Post) error {
		s = draw(tenant)
		return nil
	})
	return s, err
}

// Pages draws the public page and every private one that has an address, all of
// the same instant.
func (c *Comms) Pages(ctx context.Context, now time.Time) (p Pages, err error) {
	p.Tenants = map[string]*status.Snapshot{}
	err = c.drawing(ctx, now, func(tx *store.Tx, draw func(tenant string) *status.Snapshot, posts []*message.Post) error {
		p.Public = draw("")
		if len(c.page.Key) == 0 {
			return nil
		}
		open, err := messages.TenantPages(tx)
		if err != nil {
			return err
		}
		told := map[string]bool{}
		for _, post := range posts {
			told[post.Tenant] = told[post.Tenant] || post.Private
		}
		for _, t := range open {
			var own *status.Snapshot
			if told[t.Customer] {
				own = draw(t.Customer)
			}
			p.Tenants[secret.Hash(c.token(t))] = own
		}
		return nil
	})
	return p, err
}

// drawing reads what pages are drawn of, once for all of them.
func (c *Comms) drawing(ctx context.Context, now time.Time, fn func(tx *store.Tx, draw func(tenant string) *status.Snapshot, posts []*message.Post) error) error {
	born, err := c.birth(ctx, now)
	if err != nil {
		return err
	}
	return c.db.View(ctx, func(tx *store.Tx) error {
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		posts, err := messages.Posts(tx, now.AddDate(0, 0, -status.HistoryDays))
		if err != nil {
			return err
		}
		return fn(tx, func(tenant string) *status.Snapshot { return draw(c.page, born, cat, posts, tenant, now.UTC()) }, posts)
	})
}

// birth reads when the page began and makes it begin now if it had not.
func (c *Comms) birth(ctx context.Context, now time.Time) (b messages.Birth, err error) {
	read := func(tx *store.Tx) (ok bool, err error) {
		b, ok, err = messages.PageBirth(tx)
		return ok, err
	}
	var ok bool
	err = c.db.View(ctx, func(tx *store.Tx) (err error) { ok, err = read(tx); return err })
	if err != nil || ok {
		return b, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := messages.BearPage(tx, messages.Birth{PageID: newID(), Since: now.UTC()}); err != nil {
			return err
		}
		_, err := read(tx)
		return err
	})
	return b, err
}

// draw makes the snapshot; tenant is empty for the public page.
func draw(page Page, born messages.Birth, cat *catalog.Catalog, posts []*message.Post, tenant string, now time.Time) *status.Snapshot {
	d := newDrawing(page, born)
	d.snap.GeneratedAt = now
	d.components(cat, born)
	for _, p := range posts {
		d.post(p, p.Private && tenant != "" && p.Tenant == tenant)
	}
	for n := range d.snap.Components {
		d.snap.Components[n].Days = status.DaysFrom(d.spans[n], now, status.HistoryDays)
	}
	return d.snap
}

// drawing is a snapshot in the making.
type drawing struct {
	snap  *status.Snapshot
	at    map[string]int // service id -> index of its component
	spans map[int][]status.Span
}

func newDrawing(page Page, born messages.Birth) *drawing {
	return &drawing{
		snap: &status.Snapshot{
			Page:       status.Page{ID: born.PageID, Name: page.Name, URL: page.URL, TimeZone: page.TimeZone, UpdatedAt: born.Since},
			Components: []status.Component{}, Incidents: []status.Incident{}, Maintenances: []status.Maintenance{},
		},
		at: map[string]int{}, spans: map[int][]status.Span{},
	}
}

// components lists the public parts of the product in order of restoration.
// Services that share a public name are one component; those without one are
// not public. Nothing but the name leaves the catalogue.
func (d *drawing) components(cat *catalog.Catalog, born messages.Birth) {
	all := make([]catalog.Service, 0, len(cat.Services))
	for _, s := range cat.Services {
		all = append(all, s)
	}
	named := map[string]int{}
	for _, s := range catalog.ByRestoration(all) {
		if s.Component == "" {
			continue
		}
		n, ok := named[s.Component]
		if !ok {
			n = len(d.snap.Components)
			named[s.Component] = n
			d.snap.Components = append(d.snap.Components, status.Component{
				ID: componentID(born.PageID, s.ID), Name: s.Component, Position: n + 1, Status: status.Operational, Showcase: true,
				StartDate: born.Since.UTC().Format(time.DateOnly), CreatedAt: born.Since, UpdatedAt: born.Since,
			})
		}
		d.at[s.ID] = n
	}
}

// componentID is opaque and stays when a component is renamed.
func componentID(page, service string) string {
	sum := sha256.Sum256([]byte(page + "\x00" + service))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:12]
}

// post adds a post, and what it does to its components.
func (d *drawing) post(p *message.Post, own bool) {
	var touched []int
	var parts []message.Component
	for _, s := range p.Services {
		if n, ok := d.at[s]; ok && !slices.Contains(touched, n) {
			touched = append(touched, n)
			parts = append(parts, message.Component{ID: d.snap.Components[n].ID, Name: d.snap.Components[n].Name})
		}
	}
	i, ok := p.Public(parts, own)
	if !ok {
		return
	}
	d.snap.Incidents = append(d.snap.Incidents, i)
	d.snap.Page.UpdatedAt = recur.Later(d.snap.Page.UpdatedAt, i.UpdatedAt)
	for _, n := range touched {
		x := &d.snap.Components[n]
		if state := p.State(); state.Rank() > x.Status.Rank() {
			x.Status = state
		}
		x.UpdatedAt = recur.Later(x.UpdatedAt, i.UpdatedAt)
		d.spans[n] = append(d.spans[n], p.Spans(own)...)
	}
}
