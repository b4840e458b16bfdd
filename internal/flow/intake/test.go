package intake

import (
	"context"
	"encoding/json"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
)

// Test is an event by which a person tries a way in.
type Test struct {
	Key       ident.ID // of the integration key that is tried
	ServiceID string
	Signal    alert.Signal
}

// Test takes in an event that stands for no trouble: it is kept as any other, its
// alert begins and is over at once, and belongs to no incident, so that it pages
// nobody, makes nothing relapse and is in nobody's way. The next test of the key is
// counted on the same alert.
func (i *Intake) Test(ctx context.Context, a authz.Actor, t Test, now time.Time) (al *alert.Alert, err error) {
	if err := authz.Can(a, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return nil, err
	}
	s := t.Signal
	s.Action, s.Suggests, s.StartedAt, s.EndsAt = alert.Trigger, procedure.P4, time.Time{}, time.Time{}
	raw, err := json.Marshal(map[string]any{"test": "from Allclear", "by": a.ID, "signal": s})
	if err != nil {
		return nil, err
	}
	err = i.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		key := alerts.Key{ServiceID: t.ServiceID, DedupKey: s.DedupKey}
		found, err := alerts.Find(tx, []alerts.Key{key})
		if err != nil {
			return err
		}
		if al = found[key]; al == nil {
			al = &alert.Alert{ID: tx.NewID(now), ServiceID: t.ServiceID, DedupKey: s.DedupKey}
		}
		al.Apply(&s, s.Suggests, now)
		al.Apply(&alert.Signal{Action: alert.Resolve}, 0, now)
		al.Noise.Note("a test by "+a.ID+": it is over at once, opens no incident and pages nobody", now)
		doc, err := json.Marshal(s)
		if err != nil {
			return err
		}
		al.Details = string(doc)
		if err := alerts.Keep(tx, []alerts.Raw{{Source: s.Source, ServiceID: t.ServiceID, DedupKey: s.DedupKey, ReceivedAt: now, Body: raw}}); err != nil {
			return err
		}
		if err := alerts.Save(tx, []*alert.Alert{al}); err != nil {
			return err
		}
		return i.bus.Emit(tx, now, event.Event{
			Kind: event.KeyChanged, Actor: a.ID, Source: a.Via, Data: event.Data{Ref: t.Key.String(), Subject: t.ServiceID, Outcome: "tested", Alert: al.ID.String(), Text: s.Source},
		})
	})
	return al, err
}
