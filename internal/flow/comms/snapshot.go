package comms

import (
	"cmp"
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
	domain "allclear/internal/domain/following"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/following"
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
		draw, posts, err := c.drawer(tx, born, now)
		if err != nil {
			return err
		}
		return fn(tx, draw, posts)
	})
}

// drawer reads what pages are drawn of; tenant is empty for the public page.
func (c *Comms) drawer(tx *store.Tx, born messages.Birth, now time.Time) (func(tenant string) *status.Snapshot, []*message.Post, error) {
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, nil, err
	}
	posts, err := messages.Posts(tx, now.AddDate(0, 0, -status.KeptDays))
	if err != nil {
		return nil, nil, err
	}
	works, err := messages.Works(tx, now.AddDate(0, 0, -status.KeptDays))
	if err != nil {
		return nil, nil, err
	}
	states, err := following.States(tx)
	if err != nil {
		return nil, nil, err
	}
	page := c.page
	if page.brand, err = messages.Brand(tx); err != nil {
		return nil, nil, err
	}
	return func(tenant string) *status.Snapshot {
		return draw(page, born, cat, posts, works, states, tenant, now.UTC())
	}, posts, nil
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
func draw(page Page, born messages.Birth, cat *catalog.Catalog, posts []*message.Post, works []*message.Work, states map[string]domain.State, tenant string, now time.Time) *status.Snapshot {
	d := newDrawing(page, born)
	d.snap.GeneratedAt = now
	d.components(cat, born)
	for _, p := range posts {
		d.post(p, p.Private && tenant != "" && p.Tenant == tenant)
	}
	for _, w := range works {
		d.work(w)
	}
	d.follow(states)
	for n := range d.snap.Components {
		if d.snap.Components[n].Group {
			continue
		}
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
			Page:       status.Page{ID: born.PageID, Name: cmp.Or(page.brand.Name, page.Name), URL: page.URL, TimeZone: page.TimeZone, UpdatedAt: born.Since, Since: born.Since, Brand: page.brand},
			Components: []status.Component{}, Incidents: []status.Incident{}, Maintenances: []status.Maintenance{},
		},
		at: map[string]int{}, spans: map[int][]status.Span{},
	}
}

// components lists the public parts of the product. Nothing leaves the catalogue
// but what its components say for the public.
func (d *drawing) components(cat *catalog.Catalog, born messages.Birth) {
	for n, p := range cat.PublicParts() {
		group := d.component(&p, "", n+1, born)
		for k := range p.Members {
			d.component(&p.Members[k], group, k+1, born)
		}
	}
}

func (d *drawing) component(p *catalog.Part, group string, position int, born messages.Birth) (id string) {
	key := "component\x00" + p.ID
	if p.ID == "" {
		key = p.Services[0]
	}
	id = componentID(born.PageID, key)
	for _, s := range p.Services {
		d.at[s] = len(d.snap.Components)
	}
	c := status.Component{
		ID: id, Name: p.Name, Description: p.Description, Position: position, GroupID: group, Group: p.IsGroup(), Status: status.Operational,
		Showcase: p.Shows(), OnlyShowIfDegraded: p.OnlyShowIfDegraded, CreatedAt: born.Since, UpdatedAt: born.Since,
	}
	if !c.Group {
		c.StartDate = born.Since.UTC().Format(time.DateOnly)
	}
	d.snap.Components = append(d.snap.Components, c)
	return id
}

// componentID is opaque and stays when a component is renamed.
func componentID(page, service string) string {
	sum := sha256.Sum256([]byte(page + "\x00" + service))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:12]
}

// touched are the components of services.
func (d *drawing) touched(services []string) (touched []int, parts []message.Component) {
	for _, s := range services {
		if n, ok := d.at[s]; ok && !slices.Contains(touched, n) {
			touched = append(touched, n)
			parts = append(parts, message.Component{ID: d.snap.Components[n].ID, Name: d.snap.Components[n].Name})
		}
	}
	return touched, parts
}

// work adds announced work. One of which every component is hidden stays away.
func (d *drawing) work(w *message.Work) {
	touched, parts := d.touched(w.Services)
	if len(parts) == 0 {
		return
	}
	m := w.Public(parts)
	d.snap.Maintenances = append(d.snap.Maintenances, m)
	d.snap.Page.UpdatedAt = recur.Later(d.snap.Page.UpdatedAt, m.UpdatedAt)
	span, begun := w.Span()
	for _, n := range touched {
		x := &d.snap.Components[n]
		if w.Running() && x.Status == status.Operational {
			x.Status = status.UnderMaintenance
		}
		x.UpdatedAt = recur.Later(x.UpdatedAt, m.UpdatedAt)
		if begun {
			d.spans[n] = append(d.spans[n], span)
		}
	}
}

// post adds a post, and what it does to its components.
func (d *drawing) post(p *message.Post, own bool) {
	touched, parts := d.touched(p.Services)
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
