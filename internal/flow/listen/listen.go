// Package listen owns what people write about us in public (CRI-SOC-*): it reads
// the feeds of the catalogue, keeps each entry that is about us once, and raises one
// alert when many complain at once. It must not answer anybody, nor decide how bad
// an incident is: it suggests a P3 and never more.
package listen

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/feed"
	"allclear/internal/domain/mention"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/mentions"
)

const (
	batch = 8 // read at once
	// Keep is how long mentions are kept; what is older is not taken in either.
	Keep = 180 * 24 * time.Hour
	// refusedWait is how long a feed is left alone that takes our token for wrong.
	refusedWait = 15 * time.Minute
)

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Raise takes signals in, in the transaction in which they were seen.
	Raise func(tx *store.Tx, service, source string, signals []alert.Signal, now time.Time) error
	// Fetch reads an address by the guarded way out; without it none is read.
	Fetch func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error)
	// Token is what searches sign in with; empty: the installation has none.
	Token secret.String
	// ServiceOf is the service behind a component of the status page; empty: none.
	ServiceOf func(tx *store.Tx, component string) (string, error)
	// Key makes fingerprints of who writes on the status page; without it nobody can.
	Key []byte
}

// Listen is safe for concurrent use. Make it with New.
type Listen struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Listen { return &Listen{db: db, bus: bus, o: o} }

// Tick reads every feed that is due at now and returns how many.
func (l *Listen) Tick(ctx context.Context, now time.Time) (n int, err error) {
	if l.o.Fetch == nil {
		return 0, nil
	}
	for {
		due, err := l.claim(ctx, now)
		if err != nil || len(due) == 0 {
			return n, err
		}
		errs := make([]error, len(due))
		var wg sync.WaitGroup
		for i, d := range due {
			wg.Go(func() { errs[i] = l.read(ctx, d, now) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
		n += len(due)
	}
}

// Loop times.
const (
	pause       = 10 * time.Second // how late a reading may be
	forgetEvery = time.Hour
)

// Run reads until ctx ends, and forgets what is too old.
func (l *Listen) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	var forgot time.Time
	for {
		_, err := l.Tick(ctx, now())
		if now().Sub(forgot) >= forgetEvery {
			forgot = now()
			err = errors.Join(err, l.Forget(ctx, forgot))
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Forget removes mentions that are older than Keep.
func (l *Listen) Forget(ctx context.Context, now time.Time) error {
	return l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return mentions.Forget(tx, now.Add(-Keep)) })
}

// claimed is a feed to be read, and how reading it went.
type claimed struct {
	catalog.Feed
	was *mentions.Feed
}

// claim makes the rows say what the catalogue says, and takes those that are due.
func (l *Listen) claim(ctx context.Context, now time.Time) (out []claimed, err error) {
	idle := false
	err = l.db.View(ctx, func(tx *store.Tx) error {
		cat, err := l.o.Catalog(tx)
		if err != nil {
			return err
		}
		all, err := mentions.Feeds(tx)
		idle = len(all) == len(cat.Feeds) && !slices.ContainsFunc(all, func(f *mentions.Feed) bool {
			_, known := cat.Feeds[f.ID]
			return !known || !f.DueAt.After(now)
		})
		return err
	})
	if err != nil || idle { // most of the time: the writer is left alone
		return nil, err
	}
	err = l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = out[:0]
		cat, err := l.o.Catalog(tx)
		if err != nil {
			return err
		}
		for id := range cat.Feeds {
			if err := mentions.AddFeed(tx, id, now); err != nil {
				return err
			}
		}
		due, err := mentions.Claim(tx, now, now.Add(catalog.DefaultEvery), batch)
		if err != nil {
			return err
		}
		for _, f := range due {
			known, ok := cat.Feeds[f.ID]
			if !ok {
				if err := mentions.DropFeed(tx, f.ID); err != nil {
					return err
				}
				continue
			}
			out = append(out, claimed{known, f})
		}
		return nil
	})
	return out, err
}

// config is what a document is read for; when it changes, the last answer counts no
// more.
func config(f *catalog.Feed) string {
	return strings.Join(append([]string{f.Form, f.URL, f.Query}, f.Keywords...), "\n")
}

var errNoToken = plug.Fail(plug.Permanent, "this installation has no token for the search: ALLCLEAR_X_BEARER_TOKEN is not set")

// look reads a feed's entries; nothing when they are the same as before.
func (l *Listen) look(ctx context.Context, d claimed) (all []feed.Entry, page plug.Fetched, err error) {
	seen := plug.Seen{ETag: d.was.ETag, Modified: d.was.Modified}
	newest := d.was.Newest
	if d.was.Config != config(&d.Feed) {
		seen, newest = plug.Seen{}, ""
	}
	address, bearer := d.URL, secret.String("")
	if d.Form == catalog.FormX {
		if l.o.Token == "" {
			return nil, page, errNoToken
		}
		bearer, seen = l.o.Token, plug.Seen{}
		if address, err = search(d.URL, d.Query, newest); err != nil {
			return nil, page, err
		}
	}
	if page, err = l.o.Fetch(ctx, secret.String(address), bearer, seen); err != nil || page.Unchanged {
		return nil, page, err
	}
	all, err = feed.Read(d.Form, page.Body, d.URL)
	return all, page, err
}

// search is the address of a recent search for what came after an id.
func search(base, query, since string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("query", query)
	q.Set("max_results", "100")
	q.Set("tweet.fields", "created_at,author_id")
	q.Set("expansions", "author_id")
	q.Set("user.fields", "username")
	if since != "" {
		q.Set("since_id", since)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// read looks at a feed outside of any transaction, and keeps what came of it in one.
func (l *Listen) read(ctx context.Context, d claimed, now time.Time) error {
	all, page, failed := l.look(ctx, d)
	if failed != nil && ctx.Err() != nil {
		return ctx.Err() // we are stopping: that says nothing about the feed
	}
	return l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		f, err := mentions.LockFeed(tx, d.ID)
		if err != nil || f == nil { // removed meanwhile
			return err
		}
		first := f.SucceededAt.IsZero() || f.Config != config(&d.Feed)
		f.ReadAt, f.DueAt = now, now.Add(d.Pause())
		if failed != nil {
			fail(f, failed, now)
			return mentions.SaveFeed(tx, f)
		}
		f.SucceededAt, f.FailingSince, f.Error = now, time.Time{}, ""
		if !page.Unchanged {
			f.Config, f.ETag, f.Modified = config(&d.Feed), page.Seen.ETag, page.Seen.Modified
			if d.Form == catalog.FormX {
				f.Newest = newer(f.Newest, feed.Newest(all))
			}
		}
		if err := mentions.SaveFeed(tx, f); err != nil {
			return err
		}
		return l.take(tx, &d.Feed, all, first, now)
	})
}

// fail notes why a feed could not be read, and leaves it alone for as long as it
// asks for.
func fail(f *mentions.Feed, why error, now time.Time) {
	f.Error = why.Error()
	if f.FailingSince.IsZero() {
		f.FailingSince = now
	}
	failure := plug.FailureOf(why)
	wait := failure.RetryAfter
	if failure.Ours {
		wait = max(wait, refusedWait)
	}
	if at := now.Add(wait); at.After(f.DueAt) {
		f.DueAt = at
	}
	if failure.Kind == plug.Permanent && !failure.Ours {
		f.Newest = "" // a search refuses an id that has grown too old
	}
}

// newer is the larger of two numeric ids.
func newer(a, b string) string { return feed.Newest([]feed.Entry{{ID: a}, {ID: b}}) }

// take keeps the entries that are about us, and looks for a spike among what people
// complain of.
func (l *Listen) take(tx *store.Tx, f *catalog.Feed, all []feed.Entry, first bool, now time.Time) error {
	own := make([]mention.Word, len(f.Words))
	for i, w := range f.Words {
		own[i] = mention.Word{Text: w.Word, Weight: w.Weight}
	}
	fresh := map[string]bool{}
	for _, e := range all {
		text := e.Title + "\n" + e.Text
		if !mention.About(text, f.Keywords) || !e.At.IsZero() && now.Sub(e.At) > Keep {
			continue
		}
		m := &mentions.Mention{
			Feed: f.ID, GUID: e.ID, Service: f.Service, State: mentions.New, FoundAt: now, At: e.At,
			Source: f.Form, Title: e.Title, Text: e.Text, Link: e.Link, Author: e.Author,
		}
		if m.At.After(now) || m.At.IsZero() && !first {
			m.At = now // what stands in a feed when it is first read may be of any age
		}
		m.Score, m.Words = mention.Score(text, own)
		m.Complaint = m.Score >= mention.ComplaintAt
		isNew, err := mentions.Insert(tx, m)
		if err != nil {
			return err
		}
		if isNew && m.Complaint && !m.At.IsZero() {
			fresh[m.ID.String()] = true
		}
	}
	n, within := f.SpikeAt()
	return l.spike(tx, f.Service, n, within, fresh, now)
}
