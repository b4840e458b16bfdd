package tickets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tickets"
)

const maxReply = 10_000

// Reply answers every open ticket of an incident together, once each; customers
// read it unless it is internal (WAR-CCL-TICKETS). It returns how many tickets it
// goes to. A restricted incident answers none (reading 18).
func (t *Tickets) Reply(ctx context.Context, a authz.Actor, number int64, text string, internal bool, now time.Time) (n int, err error) {
	if err := authz.Can(a, authz.Communicate, authz.Resource{Kind: "incident"}); err != nil {
		return 0, err
	}
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxReply {
		return 0, fault.New(fault.Invalid, "answer the tickets").With("text", fmt.Sprintf("1 to %d characters", maxReply))
	}
	err = t.update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if !inc.VisibleTo(a.ID) {
			return fault.New(fault.NotFound, "there is no such incident") // in the words of ByNumber
		}
		if inc.Restricted {
			return fault.New(fault.Conflict, "%s is restricted: what customers are told goes through Legal", inc.Ref())
		}
		of, err := tickets.Of(tx, inc.ID)
		if err != nil {
			return err
		}
		id := tx.NewID(now).String()
		var ds []*message.Delivery
		for _, k := range of {
			if k.State == ticket.Solved || !slices.Contains(t.o.Channels, k.Source) {
				continue
			}
			ds = append(ds, &message.Delivery{
				Key: fmt.Sprintf("%s/ticket/%s/reply/%s", inc.Ref(), k.ID, id), Kind: message.KindTicket, RefID: k.ID, IncidentID: inc.ID, Recipient: k.Source, Channel: k.Source,
				Address: k.ExternalID, Subject: inc.Ref() + " answer", Body: text, Priority: 2, DueAt: now, CreatedAt: now, Clauses: []string{"WAR-CCL-TICKETS"},
				Headers: message.Headers{Public: !internal},
			})
		}
		if n = len(ds); n == 0 {
			return fault.New(fault.Conflict, "%s has no open ticket that can be answered from here", inc.Ref())
		}
		if err := deliveries.Queue(tx, ds...); err != nil {
			return err
		}
		to := "customers"
		if internal {
			to = "agents"
		}
		return t.bus.Emit(tx, now, event.Event{
			IncidentID: inc.ID, Kind: event.Noted, Actor: a.ID, Source: a.Via,
			Data: event.Data{Text: fmt.Sprintf("Answered %d tickets, for %s: %s", n, to, text), Owner: a.ID, Subject: "tickets", Number: inc.Number, Clauses: []string{"WAR-CCL-TICKETS"}},
		})
	})
	return n, err
}
