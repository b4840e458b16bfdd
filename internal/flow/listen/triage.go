package listen

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/feed"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/mention"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/mentions"
)

// Sources a person can name.
var Sources = []string{StatusPage, "x", "review", "forum", "social", "other"}

// StatusPage is the source of what customers write on our own status page.
const StatusPage = "status_page"

// Manual is the feed of what people write down.
const Manual = mentions.Manual

// Limits on what a person writes down.
const (
	maxText   = 4000
	maxReason = 500
)

// NewMention is what a person writes down that somebody else wrote.
type NewMention struct {
	Source, Author, Link, Title, Text string
	Service                           string
	At                                time.Time // zero: now
}

// Mention is one of the list, as its reader may see it.
type Mention struct {
	mentions.Mention
	Number int64 // of the incident; 0: none that the reader may know of
}

func role(actor authz.Actor, v authz.Verb) error {
	return authz.Can(actor, v, authz.Resource{Kind: "mention"})
}

// Write keeps what a person found. It is tied to the open incident it may be about:
// what is written on the status page to the worst there is, the rest to one on its
// service. The same link twice is one mention.
func (l *Listen) Write(ctx context.Context, actor authz.Actor, in NewMention, now time.Time) (out Mention, err error) {
	if err := role(actor, authz.Respond); err != nil {
		return out, err
	}
	m, err := written(in, actor, now)
	if err != nil {
		return out, err
	}
	err = l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		cat, err := l.o.Catalog(tx)
		if err != nil {
			return err
		}
		if _, ok := cat.Services[m.Service]; m.Service != "" && !ok {
			return fault.New(fault.Invalid, "validation failed").With("body.service", fmt.Sprintf("there is no service %q", m.Service))
		}
		if m.GUID == "" {
			m.GUID = tx.NewID(now).String()
		}
		inc, err := l.about(tx, cat, m)
		if err != nil {
			return err
		}
		if inc != nil {
			m.Incident = inc.ID
		}
		fresh, err := mentions.Insert(tx, m)
		if err != nil {
			return err
		}
		if !fresh {
			if m, err = mentions.ByGUID(tx, mentions.Manual, m.GUID); err == nil {
				out, err = shown(tx, actor, m)
			}
			return err
		}
		if err := l.record(tx, actor, event.MentionMade, m, inc, "", now); err != nil {
			return err
		}
		out.Mention = *m
		if inc != nil {
			out.Number = inc.Number
		}
		if !m.Complaint {
			return nil
		}
		return l.spike(tx, m.Service, catalog.DefaultSpike, catalog.DefaultSpikeWithin, map[string]bool{m.ID.String(): true}, now)
	})
	return out, err
}

func written(in NewMention, actor authz.Actor, now time.Time) (*mentions.Mention, error) {
	m := &mentions.Mention{
		Feed: mentions.Manual, GUID: in.Link, Service: in.Service, State: mentions.New, At: in.At, FoundAt: now, Source: in.Source, By: actor.ID,
		Title: feed.Plain(in.Title, 300), Text: feed.Plain(in.Text, maxText), Author: feed.Plain(in.Author, 100), Link: in.Link,
	}
	bad := fault.New(fault.Invalid, "validation failed")
	if !slices.Contains(Sources, in.Source) {
		return nil, bad.With("body.source", "want one of "+strings.Join(Sources, ", "))
	}
	if m.Title+m.Text == "" {
		return nil, bad.With("body.text", "write what was written")
	}
	if u, err := url.Parse(in.Link); in.Link != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || len(in.Link) > 2048) {
		return nil, bad.With("body.url", "want an address that begins with https://")
	}
	if m.At.IsZero() {
		m.At = now
	}
	if m.At.After(now.Add(time.Minute)) {
		return nil, bad.With("body.at", "lies in the future")
	}
	m.At = m.At.UTC()
	m.Score, m.Words = mention.Score(m.Title+"\n"+m.Text, nil)
	m.Complaint = m.Score >= mention.ComplaintAt
	return m, nil
}

// about finds the open incident that a mention may be about; nil without one. A
// restricted incident is never among them: the public does not know of it.
func (l *Listen) about(tx *store.Tx, cat *catalog.Catalog, m *mentions.Mention) (*incident.Incident, error) {
	if m.Service == "" && m.Source != StatusPage {
		return nil, nil
	}
	const most = 200
	open, err := incidents.List(tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: most})
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(i *incident.Incident) bool {
		return i.Restricted || i.MergedInto != 0 || m.Service != "" && i.ServiceID != m.Service && !slices.Contains(cat.Upstream(m.Service), i.ServiceID)
	})
	if len(open) == 0 {
		return nil, nil
	}
	return slices.MinFunc(open, func(a, b *incident.Incident) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(b.Number, a.Number))
	}), nil
}

// record writes what became of a mention, on the timeline of its incident too.
func (l *Listen) record(tx *store.Tx, actor authz.Actor, k event.Kind, m *mentions.Mention, inc *incident.Incident, reason string, now time.Time) error {
	e := event.Event{Kind: k, Actor: actor.ID, Source: actor.Via, Data: event.Data{Ref: m.ID.String(), Subject: m.Source, Outcome: m.State, Text: m.Source + ": " + feed.Plain(cmp.Or(m.Title, m.Text), 200)}}
	if m.Link != "" {
		e.Data.Text += " (" + m.Link + ")"
	}
	if reason != "" {
		e.Data.Text += ". " + reason
	}
	if inc != nil {
		e.IncidentID, e.Restricted, e.Data.Number, e.Data.Severity = inc.ID, inc.Restricted, inc.Number, inc.Severity.String()
	}
	return l.bus.Emit(tx, now, e)
}

// Filter narrows the list.
type Filter struct {
	State, Feed string
	Incident    int64 // number
	Complaints  bool
	Before      ident.ID
	Limit       int
}

// List returns mentions, the newest first.
func (l *Listen) List(ctx context.Context, actor authz.Actor, f Filter) (out []Mention, err error) {
	if err := role(actor, authz.Read); err != nil {
		return nil, err
	}
	err = l.db.View(ctx, func(tx *store.Tx) error {
		q := mentions.Filter{State: f.State, Feed: f.Feed, Complaints: f.Complaints, Before: f.Before, Limit: f.Limit}
		if f.Incident != 0 {
			inc, err := known(tx, actor, f.Incident)
			if err != nil {
				return err
			}
			q.Incident = inc.ID
		}
		all, err := mentions.List(tx, q)
		if err != nil {
			return err
		}
		for _, m := range all {
			s, err := shown(tx, actor, m)
			if err != nil {
				return err
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

// shown leaves out an incident that the reader may not know of.
func shown(tx *store.Tx, actor authz.Actor, m *mentions.Mention) (Mention, error) {
	out := Mention{Mention: *m}
	if m.Incident == 0 {
		return out, nil
	}
	inc, err := incidents.Peek(tx, m.Incident)
	if err == nil && inc.VisibleTo(actor.ID) {
		out.Number = inc.Number
	}
	return out, err
}

// known finds an incident; a hidden one answers like a missing one (INV-A3).
func known(tx *store.Tx, actor authz.Actor, number int64) (*incident.Incident, error) {
	inc, err := incidents.ByNumber(tx, number)
	if err == nil && !inc.VisibleTo(actor.ID) {
		err = fault.New(fault.NotFound, "there is no such incident")
	}
	return inc, err
}

// Dismiss says that nothing follows from a mention.
func (l *Listen) Dismiss(ctx context.Context, actor authz.Actor, id, reason string, now time.Time) (Mention, error) {
	return l.decide(ctx, actor, id, now, func(_ *store.Tx, m *mentions.Mention) (*incident.Incident, error) {
		if len(reason) > maxReason {
			return nil, fault.New(fault.Invalid, "validation failed").With("body.reason", "at most 500 bytes")
		}
		m.State, m.Reason, m.Incident = mentions.Dismissed, reason, 0
		return nil, nil
	})
}

// Link ties a mention to an incident, on whose timeline it then stands.
func (l *Listen) Link(ctx context.Context, actor authz.Actor, id string, number int64, now time.Time) (Mention, error) {
	return l.decide(ctx, actor, id, now, func(tx *store.Tx, m *mentions.Mention) (*incident.Incident, error) {
		inc, err := known(tx, actor, number)
		if err != nil {
			return nil, err
		}
		m.State, m.Reason, m.Incident = mentions.Linked, "", inc.ID
		return inc, nil
	})
}

func (l *Listen) decide(ctx context.Context, actor authz.Actor, id string, now time.Time, change func(*store.Tx, *mentions.Mention) (*incident.Incident, error)) (out Mention, err error) {
	if err := role(actor, authz.Respond); err != nil {
		return out, err
	}
	key, err := ident.Parse(id)
	if err != nil {
		return out, fault.New(fault.NotFound, "there is no such mention")
	}
	err = l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		m, err := mentions.Get(tx, key)
		if err != nil {
			return err
		}
		inc, err := change(tx, m)
		if err != nil {
			return err
		}
		m.DecidedBy, m.DecidedAt = actor.ID, now
		if err := mentions.Update(tx, m); err != nil {
			return err
		}
		if err := l.record(tx, actor, event.MentionDone, m, inc, m.Reason, now); err != nil {
			return err
		}
		out, err = shown(tx, actor, m)
		return err
	})
	return out, err
}

// Feeds returns how reading the feeds goes, by id.
func (l *Listen) Feeds(ctx context.Context, actor authz.Actor) (out map[string]mentions.Feed, err error) {
	if err := role(actor, authz.Read); err != nil {
		return nil, err
	}
	err = l.db.View(ctx, func(tx *store.Tx) error {
		all, err := mentions.Feeds(tx)
		out = make(map[string]mentions.Feed, len(all))
		for _, f := range all {
			out[f.ID] = *f
		}
		return err
	})
	return out, err
}
