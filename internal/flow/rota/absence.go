package rota

import (
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/timers"
)

// onAbsence looks ahead at once when somebody is away at other times than
// before, because the turn may be tonight; and it tells whose calendar cannot
// be read any more.
func (r *Rota) onAbsence(tx *store.Tx, e *event.Event) error {
	switch e.Data.Outcome {
	case event.CalendarChanged:
		if !r.watching.Load() {
			return nil
		}
		return timers.Set(tx, timers.Timer{Kind: TimerWatch, DueAt: e.RecordedAt}, e.RecordedAt)
	case event.CalendarUnread:
		v, err := r.look(tx, r.desk.Read, e.RecordedAt)
		if err != nil {
			return err
		}
		key := "calendar/" + e.Data.Ref + "/" + e.RecordedAt.UTC().Format("20060102T1504")
		return v.tell(notice{key: key, ref: tx.NewID(e.RecordedAt), subject: "Your absence calendar cannot be read", body: e.Data.Text}, e.Data.Subject)
	}
	return nil
}
