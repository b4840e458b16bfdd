package rota

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/rotas"
)

// FeedPrefix begins the secret of a calendar address.
const FeedPrefix = "acf_"

// How much of a schedule a calendar shows.
const (
	feedBack  = 30 * 24 * time.Hour
	feedAhead = 90 * 24 * time.Hour
)

// Feed is a calendar that can be subscribed to, without its address.
type Feed struct {
	ID        ident.ID
	Kind      string // person or schedule
	Subject   string
	CreatedAt time.Time
}

// NewFeed makes the secret part of a calendar's address, which is shown this
// once. Asking again about the same subject makes another, and the one before
// ends. The address opens shifts only, so whoever may read schedules may have
// one, of each schedule and person.
func (r *Rota) NewFeed(ctx context.Context, actor authz.Actor, kind, subject string, now time.Time) (f Feed, token secret.String, err error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: kind, ID: subject}); err != nil {
		return f, "", err
	}
	if kind != string(catalog.KindPerson) && kind != string(catalog.KindSchedule) {
		return f, "", fault.New(fault.Invalid, "make a calendar: kind %q: want person or schedule", kind)
	}
	if actor.ID == "" {
		return f, "", fault.New(fault.Refused, "make a calendar: nobody in particular asks")
	}
	token = secret.NewToken(FeedPrefix)
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		v, err := r.look(tx, r.desk.Read, now)
		if err != nil {
			return err
		}
		if !v.cat.Exists(catalog.Kind(kind), subject) {
			return authz.NotFound(kind, subject)
		}
		row := &rotas.Feed{Hash: secret.Hash(token.Reveal()), Kind: kind, Subject: subject, Owner: actor.ID, CreatedAt: now}
		if err := rotas.SetFeed(tx, row); err != nil {
			return err
		}
		f = feedOf(*row)
		return v.recordFeed(actor, f, "created")
	})
	return f, token, err
}

func (v *view) recordFeed(actor authz.Actor, f Feed, outcome string) error {
	return v.r.bus.Emit(v.tx, v.now, event.Event{Kind: event.FeedChanged, Actor: actor.ID, Source: actor.Via, Data: event.Data{
		Subject: f.Kind + ":" + f.Subject, Outcome: outcome, Ref: f.ID.String(), Text: outcome + " a calendar address of " + f.Kind + " " + f.Subject,
	}})
}

func feedOf(f rotas.Feed) Feed {
	return Feed{ID: f.ID, Kind: f.Kind, Subject: f.Subject, CreatedAt: f.CreatedAt}
}

// Feeds lists the actor's own calendars.
func (r *Rota) Feeds(ctx context.Context, actor authz.Actor) (out []Feed, err error) {
	if err := authz.Can(actor, authz.Read, onSchedule("")); err != nil {
		return nil, err
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		rows, err := rotas.FeedsOf(tx, actor.ID)
		for _, f := range rows {
			out = append(out, feedOf(f))
		}
		return err
	})
	return out, err
}

// EndFeed ends a calendar: one's own, or any for whoever manages access. A
// foreign one answers like one that is not there.
func (r *Rota) EndFeed(ctx context.Context, actor authz.Actor, id ident.ID, now time.Time) error {
	all := authz.Can(actor, authz.ManageAccess, authz.Resource{Kind: "calendar"}) == nil
	return r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		f, err := rotas.GetFeed(tx, id)
		if fault.Is(err, fault.NotFound) || err == nil && f.Owner != actor.ID && !all {
			return authz.NotFound("calendar", id.String())
		}
		if err != nil {
			return err
		}
		if err := rotas.DropFeed(tx, id); err != nil {
			return err
		}
		v := &view{r: r, tx: tx, now: now}
		return v.recordFeed(actor, feedOf(f), "ended")
	})
}

// Calendar is what an address shows.
type Calendar struct {
	Name   string
	Events []Entry
}

// Entry is one turn. UID stays the same while the turn begins at the same
// instant.
type Entry struct {
	UID, Summary string
	From, Until  time.Time
}

// Calendar answers an address. It grants nothing but this look; any wrong
// address answers alike.
func (r *Rota) Calendar(ctx context.Context, token string, now time.Time) (out Calendar, err error) {
	if !secret.Known(FeedPrefix, token) {
		return out, fault.New(fault.NotFound, "there is no such calendar")
	}
	err = r.reading(ctx, now, func(v *view) error {
		f, err := rotas.FeedByHash(v.tx, secret.Hash(token))
		if err != nil {
			return err
		}
		from, until := now.Add(-feedBack).Truncate(24*time.Hour), now.Add(feedAhead).Truncate(24*time.Hour)
		if f.Kind == string(catalog.KindPerson) {
			out.Name = v.name(f.Subject) + " on call"
			for _, t := range v.turns(f.Subject, from, until) {
				out.Events = append(out.Events, v.entry(t))
			}
			return nil
		}
		out.Name = f.Subject + " on call"
		doc, ok := v.cat.Schedules[f.Subject]
		if !ok {
			return nil // deleted since: an empty calendar, so that subscribers see it end
		}
		for _, s := range doc.Shifts(from, until) {
			out.Events = append(out.Events, v.entry(Turn{Schedule: f.Subject, Shift: s}))
		}
		return nil
	})
	return out, err
}

func (v *view) entry(t Turn) Entry {
	return Entry{
		UID: fmt.Sprintf("%s-%d-%s@allclear", t.Schedule, t.Start.Unix(), t.Person), Summary: fmt.Sprintf("%s: %s", t.Schedule, v.name(t.Person)),
		From: t.Start, Until: t.End,
	}
}
