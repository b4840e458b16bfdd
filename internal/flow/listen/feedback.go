package listen

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/feed"
	"allclear/internal/domain/mention"
	"allclear/internal/store"
	"allclear/internal/store/allowances"
	"allclear/internal/store/mentions"
)

// Feedback is what a reader of the status page sees that is not on it.
type Feedback struct {
	Component string // public id; empty: the reader is not sure
	Text      string
	Contact   string // how to reach the reader; may be empty
	From      string // where the request came from: an address of the network
}

// How much one caller, and all of them, may send in an hour.
const (
	feedbackPerCaller = 5
	feedbackInAll     = 600
)

// Feedback keeps what a reader reports, as a mention that people triage. Of one
// caller one report an hour counts as a complaint, so that a spike is many people;
// a spike suggests a P3 and never more.
func (l *Listen) Feedback(ctx context.Context, in Feedback, now time.Time) error {
	text := feed.Plain(in.Text, maxText)
	switch {
	case len(l.o.Key) == 0 || l.o.ServiceOf == nil:
		return fault.New(fault.Unavailable, "report a problem: nothing is taken here")
	case text == "":
		return fault.New(fault.Invalid, "report a problem: it is empty").With("text", "Write what you see.")
	case len(in.Text) > maxText || len(in.Contact) > 200 || len(in.Component) > 64:
		return fault.New(fault.Invalid, "report a problem: it is too long").With("text", "Write less, at most 4000 characters.")
	}
	often := false
	err := l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		caller, err := allowances.Take(tx, l.fingerprint(in.From), time.Hour, now)
		if err != nil {
			return err
		}
		all, err := allowances.Take(tx, "feedback", time.Hour, now)
		if err != nil {
			return err
		}
		if often = caller > feedbackPerCaller || all > feedbackInAll; often {
			return nil
		}
		service, err := l.o.ServiceOf(tx, in.Component)
		if err != nil {
			return err
		}
		m := &mentions.Mention{
			Feed: mentions.Manual, GUID: tx.NewID(now).String(), Service: service, State: mentions.New, At: now.UTC(), FoundAt: now,
			Source: StatusPage, Text: text, Author: feed.Plain(in.Contact, 200), Complaint: caller == 1,
		}
		m.Score, m.Words = mention.Score(text, nil)
		return l.report(tx, m, now)
	})
	if err == nil && often {
		err = fault.New(fault.Busy, "report a problem: too many reports from here; try again in an hour")
	}
	return err
}

func (l *Listen) report(tx *store.Tx, m *mentions.Mention, now time.Time) error {
	cat, err := l.o.Catalog(tx)
	if err != nil {
		return err
	}
	inc, err := l.about(tx, cat, m)
	if err != nil {
		return err
	}
	if inc != nil {
		m.Incident = inc.ID
	}
	if _, err := mentions.Insert(tx, m); err != nil {
		return err
	}
	if err := l.record(tx, authz.Actor{ID: "reader", Via: StatusPage}, event.MentionMade, m, inc, "", now); err != nil || !m.Complaint {
		return err
	}
	return l.spike(tx, m.Service, catalog.DefaultSpike, catalog.DefaultSpikeWithin, map[string]bool{m.ID.String(): true}, now)
}

func (l *Listen) fingerprint(from string) string {
	m := hmac.New(sha256.New, l.o.Key)
	m.Write([]byte("feedback from " + from)) // a hash does not fail
	return hex.EncodeToString(m.Sum(nil)[:12])
}
