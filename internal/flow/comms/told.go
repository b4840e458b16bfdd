package comms

import (
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Offered lists the components of the page, by their public ids.
func (c *Comms) Offered(tx *store.Tx) ([]message.Component, error) {
	d, err := c.parts(tx)
	if err != nil {
		return nil, err
	}
	out := make([]message.Component, len(d.snap.Components))
	for i, x := range d.snap.Components {
		out[i] = message.Component{ID: x.ID, Name: x.Name}
	}
	return out, nil
}

// Told is what a published message said on the page, as that page shows it; ok is
// false for one that is on no page. It is made of the post alone, as the page is.
func (c *Comms) Told(tx *store.Tx, id ident.ID) (n subscription.Notice, ok bool, err error) {
	m, err := messages.Peek(tx, id)
	if fault.Is(err, fault.NotFound) || err == nil && m.UpdateID == "" {
		return n, false, nil
	}
	if err != nil {
		return n, false, err
	}
	p, err := messages.PostOf(tx, m.IncidentID)
	if err != nil || p == nil {
		return n, false, err
	}
	page := ""
	if m.Private {
		if page = p.Tenant; page == "" {
			return n, false, nil // for one tenant, and nobody has said which
		}
	}
	d, err := c.parts(tx)
	if err != nil {
		return n, false, err
	}
	_, parts := d.touched(p.Services)
	i, ok := p.Public(parts, m.Private)
	if !ok {
		return n, false, nil
	}
	n, ok = subscription.NoticeOf(page, subscription.Incidents, i, m.UpdateID, func(id string) string { return d.snap.Component(id).Name })
	n.Incident = m.IncidentID
	return n, ok, nil
}

// TenantBy returns the customer whose private page has the token in its address.
func (c *Comms) TenantBy(tx *store.Tx, token string) (customer string, ok bool, err error) {
	if len(c.page.Key) == 0 {
		return "", false, nil
	}
	all, err := messages.TenantPages(tx)
	if err != nil {
		return "", false, err
	}
	for _, t := range all {
		if secret.String(c.token(t)).Equal(token) {
			customer, ok = t.Customer, true // no early end: its time tells nothing
		}
	}
	return customer, ok, nil
}

// parts is a drawing that holds the components alone.
func (c *Comms) parts(tx *store.Tx) (*drawing, error) {
	born, _, err := messages.PageBirth(tx)
	if err != nil {
		return nil, err
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, err
	}
	d := newDrawing(c.page, born)
	d.components(cat, born)
	return d, nil
}

// ServiceOf is the first service, in order of restoration, behind a component of the
// page; empty for none.
func (c *Comms) ServiceOf(tx *store.Tx, component string) (string, error) {
	d, err := c.parts(tx)
	if err != nil || component == "" {
		return "", err
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return "", err
	}
	all := make([]catalog.Service, 0, len(d.at))
	for id, n := range d.at {
		if d.snap.Components[n].ID == component {
			all = append(all, cat.Services[id])
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	return catalog.ByRestoration(all)[0].ID, nil
}

// ToldWork is what the newest update of announced work said on the public page; ok is
// false for work that is not there.
func (c *Comms) ToldWork(tx *store.Tx, id string) (n subscription.Notice, ok bool, err error) {
	w, err := messages.Work(tx, id)
	if fault.Is(err, fault.NotFound) {
		return n, false, nil
	}
	if err != nil {
		return n, false, err
	}
	d, err := c.parts(tx)
	if err != nil {
		return n, false, err
	}
	d.work(w)
	if len(d.snap.Maintenances) == 0 {
		return n, false, nil
	}
	m := d.snap.Maintenances[0]
	if len(m.Updates) == 0 {
		return n, false, nil
	}
	n, ok = subscription.NoticeOfMaintenance("", m, m.Updates[len(m.Updates)-1].ID, func(id string) string { return d.snap.Component(id).Name })
	return n, ok, nil
}
