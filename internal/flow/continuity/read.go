package continuity

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/continuity"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/measures"
)

// Offer is another way that the catalogue has for a service the incident touches.
type Offer struct {
	Service string
	catalog.Alternative
}

// Ways are the other ways of delivery of an incident.
type Ways struct {
	Offers []Offer
	Used   []*continuity.Measure // newest first, also those that have ended
}

// Ways lists what is in use, and what the catalogue offers beside.
func (c *Continuity) Ways(ctx context.Context, a authz.Actor, number int64) (out Ways, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return out, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		if out.Used, err = measures.Of(tx, inc.ID, continuity.Alternative); err != nil {
			return err
		}
		for _, id := range inc.Services() {
			for _, alt := range cat.Services[id].Alternatives {
				out.Offers = append(out.Offers, Offer{id, alt})
			}
		}
		return nil
	})
	return out, err
}

// Revenue is what open incidents put at risk, in whole US dollars a year. A customer
// whom several touch counts once in the sum (DRB-BCP-REV).
type Revenue struct {
	Accounts  int
	ARR       int64
	Secured   int64 // by mitigations that were written down
	Incidents []AtStake
}

// AtStake is the revenue of one incident.
type AtStake struct {
	Number      int64
	Title       string
	Severity    string
	Since       time.Time
	Accounts    int
	ARR         int64
	Mitigations []*continuity.Measure // newest first
}

// Revenue sums the revenue of the customers that declared, open incidents touch, as
// far as the actor may see them; of one incident alone, whatever its state, where a
// number is given.
func (c *Continuity) Revenue(ctx context.Context, a authz.Actor, number int64) (out Revenue, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return out, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		list, err := c.those(tx, a, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		counted := map[string]bool{}
		for _, i := range list {
			s := AtStake{Number: i.Number, Title: i.Title, Severity: i.Severity.String(), Since: i.DetectedAt}
			for _, k := range message.Affected(cat, i) {
				s.Accounts++
				s.ARR += k.ARR
				if !counted[k.ID] {
					counted[k.ID] = true
					out.Accounts++
					out.ARR += k.ARR
				}
			}
			if s.Mitigations, err = measures.Of(tx, i.ID, continuity.Mitigation); err != nil {
				return err
			}
			for _, m := range s.Mitigations {
				out.Secured += m.Amount
			}
			out.Incidents = append(out.Incidents, s)
		}
		return nil
	})
	return out, err
}

func (c *Continuity) those(tx *store.Tx, a authz.Actor, number int64) ([]*incident.Incident, error) {
	if number != 0 {
		inc, err := find(tx, a, authz.Read, number)
		return []*incident.Incident{inc}, err
	}
	list, err := incidents.List(tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: 500})
	return slices.DeleteFunc(list, func(i *incident.Incident) bool { return !i.Declared || i.MergedInto != 0 || !i.VisibleTo(a.ID) }), err
}

// Touched is an incident that touched a customer.
type Touched struct {
	Number      int64
	Title       string
	Severity    string
	Status      string
	From, Until time.Time // of impact; zero: it lasts
}

// back is how far the history of a customer goes.
const back = 90 * 24 * time.Hour

// History lists the declared incidents of the last 90 days that touched a customer, as
// far as the actor may see them, the newest first.
func (c *Continuity) History(ctx context.Context, a authz.Actor, customer string, now time.Time) (out []Touched, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		if !cat.Exists(catalog.KindCustomer, customer) {
			return authz.NotFound(string(catalog.KindCustomer), customer)
		}
		reached := map[string]bool{}
		for before := int64(0); ; {
			page, err := incidents.List(tx, incidents.Filter{Before: before, Limit: 200})
			if err != nil {
				return err
			}
			for _, i := range page {
				if !i.Declared || i.FalsePositive || i.MergedInto != 0 || !i.VisibleTo(a.ID) {
					continue
				}
				key := i.ScopeKey()
				hit, known := reached[key]
				if !known {
					hit = slices.ContainsFunc(message.Affected(cat, i), func(k catalog.Customer) bool { return k.ID == customer })
					reached[key] = hit
				}
				if !hit {
					continue
				}
				from := i.DetectedAt
				if !i.ImpactAt.IsZero() {
					from = i.ImpactAt
				}
				out = append(out, Touched{Number: i.Number, Title: i.Title, Severity: cmp.Or(i.Highest, i.Severity).String(), Status: string(i.Status), From: from, Until: i.ResolvedAt})
			}
			if len(page) < 200 || page[len(page)-1].DetectedAt.Before(now.Add(-back)) {
				return nil
			}
			before = page[len(page)-1].Number
		}
	})
	return out, err
}
