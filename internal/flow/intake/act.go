package intake

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
)

// Act lets a person acknowledge or resolve one alert, as its source would. What
// follows for the incident is the same; an alert that stands no longer is left
// as it is. An alert that the person may not know of is fault.NotFound.
func (i *Intake) Act(ctx context.Context, a authz.Actor, id ident.ID, action alert.Action, now time.Time) error {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "alert"}); err != nil {
		return err
	}
	return i.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		al, err := alerts.Get(tx, id)
		if err != nil {
			return err
		}
		if al.IncidentID != 0 {
			inc, err := incidents.Peek(tx, al.IncidentID)
			if err != nil {
				return err
			}
			if !inc.VisibleTo(a.ID) {
				return fault.New(fault.NotFound, "there is no such alert") // in the words of Get
			}
		}
		b, err := i.begin(tx, now)
		if err != nil {
			return err
		}
		b.by, b.via = a.ID, a.Via
		s := alert.Signal{Source: "api", Action: action, DedupKey: al.DedupKey}
		return b.accept([]Arrival{{ServiceID: al.ServiceID, Source: "api", Signals: []alert.Signal{s}, Now: now}})
	})
}
