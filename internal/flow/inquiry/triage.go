package inquiry

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/check"
	"allclear/internal/domain/event"
	vault "allclear/internal/domain/evidence"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/domain/vendor"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/checks"
	"allclear/internal/store/incidents"
	"allclear/internal/store/inquiries"
	"allclear/internal/store/samples"
	"allclear/internal/store/vendors"
)

// Triage is what is known around an incident without anybody having looked for it.
type Triage struct {
	From, Until time.Time
	Services    []string // its own, and what it depends on, the nearest first
	Metrics     []Metric
	Cut         bool // there are more metrics than are shown
	Signals     []Signal
	Links       []Link
}

// Correlated reports whether somebody else says that something is wrong.
func (t *Triage) Correlated() bool {
	return slices.ContainsFunc(t.Signals, func(s Signal) bool { return s.Correlated })
}

// Metric is what a limit of the procedure was judged by, over time.
type Metric struct {
	Rule, Name, Unit string
	Service          string
	Labels           map[string]string
	Limit            float64
	Word             string // above or below
	Passed           bool   // at any time
	Points           []metric.Point
}

// Signal is what one observer says: our status page, another monitor, a synthetic
// check, a vendor, another incident (RSP-S1-CORR).
type Signal struct {
	Kind       string // status_page, monitor, check, vendor or incident
	ID, Name   string
	State      string
	Correlated bool // it says that something is wrong with what the incident is about
	Text       string
	Since      time.Time
	Number     int64 // of an incident
}

// Link leads elsewhere, filled in for the time.
type Link struct{ Service, Name, URL string }

const (
	around     = time.Hour
	looks      = 60 // over the time that is shown
	maxReach   = 6 * time.Hour
	maxMetrics = 100
	maxOthers  = 200
	maxAlerts  = 200
)

// Triage shows what is known around an incident (INV-TRI).
func (f *Inquiry) Triage(ctx context.Context, a authz.Actor, number int64, now time.Time) (out Triage, err error) {
	var page *status.Snapshot
	if f.o.Page != nil {
		if page, err = f.o.Page(ctx, now); err != nil {
			return out, err
		}
	}
	err = f.see(ctx, a, number, now, func(s *scene) error {
		hops := inquiry.Hops(s.cat, s.inc.ServiceID)
		out = Triage{Services: ranked(hops)}
		out.From, out.Until = s.window()
		if out.Metrics, out.Cut, err = s.metrics(out.Services, out.From, out.Until); err != nil {
			return err
		}
		for _, id := range out.Services {
			for _, l := range s.cat.Services[id].Links {
				out.Links = append(out.Links, Link{Service: id, Name: l.Name, URL: l.At(id, out.From, out.Until)})
			}
		}
		out.Signals = s.pageSignals(page, out.Services)
		for _, look := range []func([]string) ([]Signal, error){s.monitors, s.checks, s.vendors, s.others} {
			found, err := look(out.Services)
			if err != nil {
				return err
			}
			out.Signals = append(out.Signals, found...)
		}
		return nil
	})
	return out, err
}

// ranked lists services, the nearest first.
func ranked(hops map[string]int) []string {
	out := slices.Sorted(maps.Keys(hops))
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(hops[a], hops[b]) })
	return out
}

// window is an hour before it began until an hour after, as far as that has come.
func (s *scene) window() (from, until time.Time) {
	from, until = s.begun().Add(-around), s.inc.DetectedAt.Add(around)
	if until.After(s.now) {
		until = s.now
	}
	return from, until
}

// metrics judges the limits of the procedure over the time, as they are judged in
// earnest. Limits that are queries or look far back are left to the metrics screen.
func (s *scene) metrics(services []string, from, until time.Time) (out []Metric, cut bool, err error) {
	proc, err := s.f.o.Shelf.Get(s.tx, s.inc.Procedure)
	if err != nil {
		return nil, false, err
	}
	var names []string
	var rules []*procedure.MetricRule
	back := time.Duration(0)
	for i := range proc.Metrics {
		r := &proc.Metrics[i]
		if r.Measure == procedure.Query || metric.Reach(r) > maxReach {
			continue
		}
		rules, back = append(rules, r), max(back, metric.Reach(r))
		for _, n := range []string{r.Metric, r.Total} {
			if n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	if len(rules) == 0 {
		return nil, false, nil
	}
	for _, id := range services {
		series, err := samples.Read(s.tx, samples.Filter{Service: id, Names: names}, from.Add(-back), until)
		if err != nil {
			return nil, false, err
		}
		for _, r := range rules {
			for _, m := range over(r, series, from, until) {
				if len(out) == maxMetrics {
					return out, true, nil
				}
				out = append(out, m)
			}
		}
	}
	return out, false, nil
}

// over is what a limit was judged by at each look.
func over(r *procedure.MetricRule, series []metric.Series, from, until time.Time) (out []Metric) {
	own := slices.Clone(series)
	own = slices.DeleteFunc(own, func(s metric.Series) bool { return s.Name != r.Metric && s.Name != r.Total })
	if len(own) == 0 {
		return nil
	}
	limit, word := r.Limit()
	place := map[string]int{}
	step := until.Sub(from) / looks
	for n := range looks + 1 {
		at := from.Add(time.Duration(n) * step)
		for _, x := range metric.Measure(r, clip(own, at.Add(-metric.Reach(r))), at) {
			key := x.Service + "\x00" + metric.Canonical(x.Labels)
			i, ok := place[key]
			if !ok {
				i = len(out)
				place[key] = i
				out = append(out, Metric{Rule: r.ID, Name: r.Name, Unit: r.Unit, Service: x.Service, Labels: x.Labels, Limit: limit, Word: word})
			}
			out[i].Passed = out[i].Passed || x.Passed
			out[i].Points = append(out[i].Points, metric.Point{At: at, Value: x.Value})
		}
	}
	return out
}

// clip leaves out values before an instant, so that a look sees what it would have
// read then.
func clip(all []metric.Series, from time.Time) []metric.Series {
	out := make([]metric.Series, 0, len(all))
	for _, s := range all {
		i, _ := slices.BinarySearchFunc(s.Points, from, func(p metric.Point, t time.Time) int { return p.At.Compare(t) })
		if s.Points = s.Points[i:]; len(s.Points) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// pageSignals is what our own status page says of the services.
func (s *scene) pageSignals(page *status.Snapshot, services []string) (out []Signal) {
	if page == nil {
		return nil
	}
	public := map[string]string{}
	for _, id := range services {
		if p, ok := s.cat.PublicOf(id); ok {
			public[p.Name] = id
		}
	}
	for _, c := range page.Components {
		id, ok := public[c.Name]
		if !ok {
			continue
		}
		out = append(out, Signal{Kind: "status_page", ID: id, Name: c.Name, State: string(c.Status), Correlated: c.Status != status.Operational})
	}
	return out
}

// monitors are the sources whose alerts stand on the services. What the first alert
// came from says nothing new.
func (s *scene) monitors(services []string) (out []Signal, err error) {
	first := ""
	own, err := alerts.Of(s.tx, s.inc.ID, 1)
	if err != nil {
		return nil, err
	}
	if len(own) > 0 {
		first = own[0].Source
	}
	place := map[string]int{}
	for _, id := range services {
		standing, err := alerts.Standing(s.tx, id, maxAlerts)
		if err != nil {
			return nil, err
		}
		for _, a := range standing {
			i, ok := place[a.Source]
			if !ok {
				i = len(out)
				place[a.Source] = i
				out = append(out, Signal{Kind: "monitor", ID: a.Source, Name: a.Source, State: string(alert.Triggered), Correlated: a.Source != first, Text: id + ": " + a.Summary, Since: a.FirstAt})
			}
			if a.FirstAt.Before(out[i].Since) {
				out[i].Since, out[i].Text = a.FirstAt, id+": "+a.Summary
			}
		}
	}
	return out, nil
}

// checks is how the synthetic checks of the services stand.
func (s *scene) checks(services []string) (out []Signal, err error) {
	rows, err := checks.All(s.tx)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(s.cat.Checks)) {
		c := check.Check(s.cat.Checks[id])
		if c.Paused || !slices.Contains(services, c.Service) {
			continue
		}
		x := Signal{Kind: "check", ID: id, Name: cmp.Or(c.Name, id), State: "unknown"}
		var standing []check.Standing
		for i := range rows {
			r := &rows[i]
			if r.Check != id || r.At.IsZero() {
				continue
			}
			standing = append(standing, r.Standing)
			if !r.Up {
				x.Text, x.Since = r.Probe+": "+r.Why, recur.Later(r.SucceededAt, x.Since)
			}
		}
		// Asked of all that was heard by now: whether a place has fallen silent others judge.
		if places, known := check.Down(&c, standing, check.Span{Since: s.now, Now: s.now}); known && len(standing) > 0 {
			x.State, x.Correlated = "up", places > 0
			if x.Correlated {
				x.State = "down"
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// vendors is how those stand that the services depend on (INV-TRI-3P).
func (s *scene) vendors(services []string) (out []Signal, err error) {
	known, err := vendors.All(s.tx)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(s.cat.Vendors)) {
		v := s.cat.Vendors[id]
		if !slices.ContainsFunc(v.Services, func(x string) bool { return slices.Contains(services, x) }) {
			continue
		}
		x := Signal{Kind: "vendor", ID: id, Name: v.Name, State: string(vendor.Unknown)}
		for _, k := range known {
			if k.ID != id {
				continue
			}
			x.State, x.Since, x.Correlated = string(k.State), k.Since, k.State.Red()
			if k.State != vendor.OK {
				x.Text = cmp.Or(k.What, k.Error)
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// others are the other open incidents that the reader may know of. Those on what it
// depends on, or on what depends on it, belong together.
func (s *scene) others(services []string) (out []Signal, err error) {
	open, err := incidents.List(s.tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: maxOthers})
	if err != nil {
		return nil, err
	}
	near := append(s.cat.Dependents([]string{s.inc.ServiceID}), services...)
	for _, i := range open {
		if i.ID == s.inc.ID || i.MergedInto != 0 || !i.VisibleTo(s.actor.ID) {
			continue
		}
		out = append(out, Signal{
			Kind: "incident", ID: i.Ref(), Name: i.Title, State: string(i.Status), Text: i.Severity.String() + " on " + i.ServiceID,
			Correlated: slices.Contains(near, i.ServiceID), Since: i.DetectedAt, Number: i.Number,
		})
	}
	return out, nil
}

// declared asks for a copy of the metrics around the incident, for when the time
// that it shows is over (PIR-IMM-TL-3).
func (f *Inquiry) declared(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	due := recur.Later(inc.DetectedAt.Add(around), e.RecordedAt)
	return inquiries.Add(tx, &inquiries.Row{ID: tx.NewID(e.RecordedAt), IncidentID: inc.ID, Kind: inquiry.KindSnapshot, DueAt: due, Doc: []byte("{}")})
}

// snapshot keeps the metrics as evidence; where nothing is measured, there is none.
func (f *Inquiry) snapshot(ctx context.Context, r *inquiries.Row, now time.Time) error {
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		row, err := inquiries.Lock(tx, r.ID, r.Kind)
		if err != nil || row == nil || row.DueAt.IsZero() {
			return err
		}
		inc, err := incidents.Peek(tx, r.IncidentID)
		if err != nil {
			return err
		}
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		s := &scene{f: f, tx: tx, inc: inc, cat: cat, actor: authz.Software("inquiry"), now: now}
		from, until := s.window()
		found, cut, err := s.metrics(ranked(inquiry.Hops(cat, inc.ServiceID)), from, until)
		if err != nil {
			return err
		}
		row.DueAt = time.Time{}
		if err := inquiries.Save(tx, row); err != nil || len(found) == 0 || f.o.Keep == nil {
			return err
		}
		data, err := json.MarshalIndent(map[string]any{"incident": inc.Ref(), "from": from, "until": until, "more": cut, "metrics": found}, "", " ")
		if err != nil {
			return err
		}
		note := fmt.Sprintf("The limits of the procedure and what they were judged by, from %s to %s.", from.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339))
		return f.o.Keep(tx, inc, vault.File{Name: "metrics-" + inc.Ref() + ".json", MediaType: "application/json", Note: note, At: now}, data)
	})
}
