package inquiry

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/inquiries"
)

// File is everything that was written down about the cause of an incident and what
// was done about it, each kind in the order in which it came.
type File struct {
	Hypotheses  []*inquiry.Hypothesis
	Decisions   []*inquiry.Decision
	Workstreams []*inquiry.Workstream
	Solutions   []*inquiry.Solution
	Findings    []*inquiry.Finding
	Updates     []*inquiry.Update
	Probes      []*inquiry.Probe
	Names       map[string]string // of the people in it
}

// Read shows what was written down.
func (f *Inquiry) Read(ctx context.Context, a authz.Actor, number int64, now time.Time) (out File, err error) {
	err = f.see(ctx, a, number, now, func(s *scene) error {
		rows, err := inquiries.Of(s.tx, s.inc.ID)
		if err != nil {
			return err
		}
		out, err = file(rows)
		if err != nil {
			return err
		}
		out.Names = map[string]string{}
		for id := range s.cat.People {
			out.Names[id] = s.name(id)
		}
		return nil
	})
	return out, err
}

func file(rows []inquiries.Row) (out File, err error) {
	if out.Hypotheses, err = all[inquiry.Hypothesis](rows, inquiry.KindHypothesis); err != nil {
		return out, err
	}
	if out.Decisions, err = all[inquiry.Decision](rows, inquiry.KindDecision); err != nil {
		return out, err
	}
	if out.Workstreams, err = all[inquiry.Workstream](rows, inquiry.KindWorkstream); err != nil {
		return out, err
	}
	if out.Solutions, err = all[inquiry.Solution](rows, inquiry.KindSolution); err != nil {
		return out, err
	}
	if out.Findings, err = all[inquiry.Finding](rows, inquiry.KindFinding); err != nil {
		return out, err
	}
	if out.Updates, err = all[inquiry.Update](rows, inquiry.KindUpdate); err != nil {
		return out, err
	}
	out.Probes, err = all[inquiry.Probe](rows, inquiry.KindProbe)
	return out, err
}

const (
	lookBack    = 24 * time.Hour // before the detection
	mostChanges = 500
)

// Changes lists what was done to the service of an incident and to what it depends
// on, in the 24 hours before it was detected and since, the nearest to the detection
// first (INV-TRI-DEPLOY).
func (f *Inquiry) Changes(ctx context.Context, a authz.Actor, number int64, now time.Time) (out []inquiry.Change, err error) {
	err = f.see(ctx, a, number, now, func(s *scene) error {
		hops := inquiry.Hops(s.cat, s.inc.ServiceID)
		begun := s.begun()
		until := now
		if !s.inc.ResolvedAt.IsZero() && s.inc.ResolvedAt.Before(until) {
			until = s.inc.ResolvedAt
		}
		told, err := alerts.Changes(s.tx, ranked(hops), begun.Add(-lookBack), until, mostChanges)
		if err != nil {
			return err
		}
		for _, t := range told {
			out = append(out, inquiry.Change{Change: t.Change, Service: t.Service, Hops: hops[t.Service], Before: begun.Sub(t.At)})
		}
		inquiry.Rank(out)
		return nil
	})
	return out, err
}

// begun is when it began, as far as is known.
func (s *scene) begun() time.Time {
	if at := s.inc.ImpactAt; !at.IsZero() && at.Before(s.inc.DetectedAt) {
		return at
	}
	return s.inc.DetectedAt
}

// NewChange is what somebody, or a pipeline, tells of a change.
type NewChange struct {
	Service     string
	Summary     string
	Kind        string // deployment, configuration, feature_flag, infrastructure, database ...
	Environment string
	Version     string
	By          string
	At          time.Time // zero: now
	Links       []inquiry.Link
}

// ChangeKinds are the sorts of a change.
var ChangeKinds = []string{"deployment", "configuration", "feature_flag", "infrastructure", "database", "other"}

const maxSummary = 1024

// Changed keeps a change that was made to a service: the deploy API for pipelines
// that no plug-in knows (INV-TRI-DEPLOY).
func (f *Inquiry) Changed(ctx context.Context, a authz.Actor, c NewChange, now time.Time) (alert.Change, error) {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "change"}); err != nil {
		return alert.Change{}, err
	}
	if c.At.IsZero() {
		c.At = now
	}
	bad := fault.New(fault.Invalid, "something is missing or wrong")
	if strings.TrimSpace(c.Summary) == "" || len(c.Summary) > maxSummary {
		bad = bad.With("summary", "say in one line what was changed")
	}
	if c.At.After(now.Add(time.Minute)) {
		bad = bad.With("at", "lies in the future")
	}
	out := alert.Change{Source: a.ID, Summary: c.Summary, Origin: c.By, At: c.At}
	details := map[string]any{}
	for name, v := range map[string]string{"kind": c.Kind, "environment": c.Environment, "version": c.Version, "by": c.By} {
		if v != "" {
			details[name] = v
		}
	}
	if len(details) > 0 {
		out.Details = details
	}
	for i, l := range c.Links {
		if !inquiry.WebURL(l.URL) {
			bad = bad.With(fmt.Sprintf("links[%d].url", i), "want an http or https address")
		}
		out.Links = append(out.Links, alert.Link{Href: l.URL, Text: l.Label})
	}
	err := f.db.View(ctx, func(tx *store.Tx) error {
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		if _, ok := cat.Services[c.Service]; !ok {
			bad = bad.With("service", "give the id of a service")
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	if len(bad.Details) > 0 {
		return out, bad
	}
	return out, f.o.Tell(ctx, c.Service, out, now)
}

// Names is what the people of the catalogue are called.
func (f *Inquiry) Names(ctx context.Context, a authz.Actor) (out map[string]string, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "person"}); err != nil {
		return nil, err
	}
	out = map[string]string{}
	err = f.db.View(ctx, func(tx *store.Tx) error {
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		for id := range cat.People {
			out[id] = cat.People[id].Name
		}
		return nil
	})
	return out, err
}
