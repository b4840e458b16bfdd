package thirdparty

import (
	"context"
	"maps"
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/vendor"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/runs"
	"allclear/internal/store/vendors"
)

// Status is what is known of a vendor.
type Status = vendors.Status

// States returns what is known of every vendor, by id; one that was not read yet
// is missing.
func (p *ThirdParty) States(ctx context.Context, actor authz.Actor) (out map[string]Status, err error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(catalog.KindVendor)}); err != nil {
		return nil, err
	}
	err = p.db.View(ctx, func(tx *store.Tx) error {
		out, err = states(tx)
		return err
	})
	return out, err
}

func states(tx *store.Tx) (map[string]Status, error) {
	all, err := vendors.All(tx)
	out := make(map[string]Status, len(all))
	for _, s := range all {
		out[s.ID] = *s
	}
	return out, err
}

// Node is a service or a vendor on the map.
type Node struct {
	Kind      catalog.Kind
	ID, Name  string
	Health    Health
	What      string // of a vendor in trouble
	Since     time.Time
	Incidents []int64  // open ones of a service that the reader may know of
	On        []Edge   // what it depends on directly
	Reds      []string // vendors in trouble that it stands on, however far below
	Affects   []string // services that depend on it, however far
	Customers int      // who use what it affects

	Primary, Backup string    // providers of a vendor
	OnBackup        time.Time // since when the other one serves; zero: it does not
}

// Edge leads to what a node depends on.
type Edge struct {
	Kind catalog.Kind
	ID   string
}

// Health is how a node is: a vendor by what it says, a service by its worst open
// incident.
type Health string

// What a service can be, beside what a vendor can be.
const (
	Healthy  Health = "ok"
	Impaired Health = "degraded" // a P3 or P4
	Down     Health = "outage"   // a P1 or P2
)

// Map shows services and vendors, and what stands on what (PLT-CFG-DEPS).
func (p *ThirdParty) Map(ctx context.Context, actor authz.Actor) (out []Node, err error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(catalog.KindService)}); err != nil {
		return nil, err
	}
	err = p.db.View(ctx, func(tx *store.Tx) error {
		cat, err := p.o.Catalog(tx)
		if err != nil {
			return err
		}
		known, err := states(tx)
		if err != nil {
			return err
		}
		open, err := incidents.List(tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: most})
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(i *incident.Incident) bool { return !i.VisibleTo(actor.ID) || i.MergedInto != 0 })
		backups, err := runs.Backups(tx)
		if err != nil {
			return err
		}
		out = draw(cat, known, open)
		for i := range out {
			if b, ok := backups[out[i].ID]; ok && out[i].Kind == catalog.KindVendor {
				out[i].OnBackup = b.Since
			}
		}
		return nil
	})
	return out, err
}

func draw(cat *catalog.Catalog, known map[string]Status, open []*incident.Incident) (out []Node) {
	reds := map[string][]string{}
	on := map[string][]Edge{}
	for _, id := range slices.Sorted(maps.Keys(cat.Vendors)) {
		v, s := cat.Vendors[id], known[id]
		n := Node{Kind: catalog.KindVendor, ID: id, Name: v.Name, Health: Health(vendor.Unknown), Since: s.Since, Primary: v.Primary, Backup: v.Backup}
		if s.State != "" {
			n.Health = Health(s.State)
		}
		if s.State != vendor.OK {
			n.What = s.What
		}
		if len(v.Services) > 0 {
			n.Affects = cat.Dependents(v.Services)
			n.Customers = len(cat.AffectedBy(n.Affects, false, nil, ""))
		}
		for _, id := range v.Services {
			on[id] = append(on[id], Edge{catalog.KindVendor, v.ID})
		}
		for _, id := range n.Affects {
			if s.State.Red() {
				reds[id] = append(reds[id], v.ID)
			}
		}
		out = append(out, n)
	}
	for _, id := range slices.Sorted(maps.Keys(cat.Services)) {
		s := cat.Services[id]
		n := Node{Kind: catalog.KindService, ID: id, Name: s.Name, Health: Healthy, Reds: reds[id], Affects: cat.Downstream(id)}
		for _, d := range s.DependsOn {
			n.On = append(n.On, Edge{catalog.KindService, d})
		}
		n.On = append(n.On, on[id]...)
		worst := procedure.Severity(0)
		for _, i := range open {
			if i.ServiceID != id {
				continue
			}
			n.Incidents = append(n.Incidents, i.Number)
			if worst == 0 || i.Severity.Above(worst) {
				worst = i.Severity
			}
			if n.Since.IsZero() || i.DetectedAt.Before(n.Since) {
				n.Since = i.DetectedAt
			}
		}
		switch {
		case worst == 0:
		case worst.Pages():
			n.Health = Down
		default:
			n.Health = Impaired
		}
		slices.Sort(n.Incidents)
		n.Customers = len(cat.AffectedBy([]string{id}, true, nil, ""))
		out = append(out, n)
	}
	return out
}
