package tickets

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
	"allclear/internal/store/tickets"
)

// update runs a transaction once more where an incident opened on the service at
// the same instant: what is raised joins it then.
func (t *Tickets) update(ctx context.Context, p store.Priority, fn func(tx *store.Tx) error) error {
	err := t.db.Update(ctx, p, fn)
	if store.IsUnique(err) {
		err = t.db.Update(ctx, p, fn)
	}
	return err
}

// act runs what a person does to a ticket.
func (t *Tickets) act(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time, do func(d *desk, row *ticket.Ticket) error) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.Invalid, "a reason is needed").With("reason", "say why")
	}
	return t.update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		row, err := tickets.Take(tx, id)
		if err != nil {
			return err
		}
		d, err := t.desk(tx, now)
		if err != nil {
			return err
		}
		d.by, d.via = a.ID, a.Via
		row.UpdatedAt = now
		return do(d, row)
	})
}

// Escalate has a ticket page although its words do not.
func (t *Tickets) Escalate(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) error {
	if err := authz.Can(a, authz.Escalate, authz.Resource{Kind: "ticket"}); err != nil {
		return err
	}
	return t.act(ctx, a, id, reason, now, func(d *desk, row *ticket.Ticket) error {
		if row.State == ticket.Raised || row.State == ticket.Solved {
			return fault.New(fault.Conflict, "the ticket is %s", row.State)
		}
		class := alert.CustomerTicket
		if k, ok := d.cat.Customers[row.CustomerID]; ok && d.account(&k) {
			class = alert.AccountTicket
		}
		row.By, row.Reason, row.Sort = a.ID, reason, procedure.TicketEscalation
		if s := d.set.Of(procedure.TicketEscalation, d.cat.Services[row.ServiceID].CriticalFunction); s.Above(row.Severity) {
			row.Severity = s
		}
		return d.raise(row, class, "escalated by "+d.person(a.ID)+": "+reason)
	})
}

// Dismiss takes a ticket from its queue. It comes back when it gets worse.
func (t *Tickets) Dismiss(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) error {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "ticket"}); err != nil {
		return err
	}
	return t.act(ctx, a, id, reason, now, func(d *desk, row *ticket.Ticket) error {
		if err := row.Dismiss(a.ID, reason); err != nil {
			return err
		}
		if err := tickets.Save(d.tx, row); err != nil {
			return err
		}
		return d.emit(event.TicketDismissed, row, reason)
	})
}

func (d *desk) person(id string) string {
	if p, ok := d.cat.People[id]; ok {
		return p.Name
	}
	return id
}

// Escalation is what a person says who escalates for a customer.
type Escalation struct {
	Customer string
	Service  string // none: the one the customer uses that is restored first
	Text     string
}

// Escalated is what became of it.
type Escalated struct {
	Incident int64 // 0 while a silence holds it back
	Service  string
}

// source is that of what a person raises for a customer.
const source = "escalation"

// EscalateCustomer is the direct path for a customer's trouble: in one call the
// chain pages who is on call, and the rules page the account manager on call and
// tell the head of customer success (CRI-CS-VIP).
func (t *Tickets) EscalateCustomer(ctx context.Context, a authz.Actor, e Escalation, now time.Time) (out Escalated, err error) {
	if err := authz.Can(a, authz.Escalate, authz.Resource{Kind: "customer", ID: e.Customer}); err != nil {
		return out, err
	}
	if strings.TrimSpace(e.Text) == "" {
		return out, fault.New(fault.Invalid, "a text is needed").With("text", "say what the customer's trouble is")
	}
	err = t.update(ctx, store.PriorityPage, func(tx *store.Tx) error {
		d, err := t.desk(tx, now)
		if err != nil {
			return err
		}
		d.by, d.via = a.ID, a.Via
		k, ok := d.cat.Customers[e.Customer]
		if !ok {
			return authz.NotFound("customer", e.Customer)
		}
		if out.Service, err = d.serviceFor(&k, e.Service); err != nil {
			return err
		}
		out.Incident, err = d.escalate(&k, out.Service, e.Text)
		return err
	})
	return out, err
}

func (d *desk) escalate(k *catalog.Customer, service, text string) (number int64, err error) {
	who := d.person(d.by)
	s := alert.Signal{
		Source: source, Action: alert.Trigger, DedupKey: source + "/" + k.ID + "/" + d.tx.NewID(d.now).String(), Severity: "error", Class: alert.VIPEscalation,
		Suggests: d.set.Of(procedure.TicketEscalation, d.cat.Services[service].CriticalFunction),
		Summary:  cutLine(who + " escalates for " + k.Name + ": " + text), Origin: d.by, Labels: map[string]string{"channel": "escalation", "customer": k.ID},
		Details: map[string]any{"text": text, "by": d.by, "vip": k.VIP, "major_account": k.MajorAccount, "tier": k.Tier, "account_manager": k.AccountManager},
	}
	if err := d.o.Raise(d.tx, service, source, []alert.Signal{s}, d.now); err != nil {
		return 0, err
	}
	e := event.Event{Kind: event.Noted, Actor: d.by, Source: d.via, Data: event.Data{Text: s.Summary, Owner: d.by, Clauses: []string{"CRI-CS-VIP"}, Subject: k.ID}}
	inc, err := d.incidentOf(service, s.DedupKey)
	if err != nil {
		return 0, err
	}
	if inc != nil {
		e.IncidentID, e.Restricted, e.Data.Number, number = inc.ID, inc.Restricted, inc.Number, inc.Number
		if !inc.VisibleTo(d.by) {
			number = 0 // who may not know of it learns nothing
		}
	}
	return number, d.bus.Emit(d.tx, d.now, e)
}

// cutLine keeps a summary within what one line of an alert holds.
func cutLine(s string) string {
	const most = 500
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// serviceFor is the service the trouble is with: the one named, else of those the
// customer uses the one that is restored first.
func (d *desk) serviceFor(k *catalog.Customer, named string) (string, error) {
	if named != "" {
		if _, ok := d.cat.Services[named]; !ok {
			return "", fault.New(fault.Invalid, "there is no such service").With("service", "is not in the catalogue")
		}
		return named, nil
	}
	var best catalog.Service
	for _, s := range d.cat.Services {
		uses := len(k.Products)+len(k.Services) == 0 || slices.Contains(k.Services, s.ID) || slices.ContainsFunc(s.Products, func(p string) bool { return slices.Contains(k.Products, p) })
		if uses && (best.ID == "" || cmp.Or(rank(s)-rank(best), cmp.Compare(s.ID, best.ID)) < 0) {
			best = s
		}
	}
	if best.ID == "" {
		return "", fault.New(fault.Invalid, "the customer uses no service we know").With("service", "name one")
	}
	return best.ID, nil
}

func rank(s catalog.Service) int { return cmp.Or(s.RestorationRank, catalog.LastRank+1) }
