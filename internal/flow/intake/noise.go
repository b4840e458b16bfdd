package intake

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/silences"
	"allclear/internal/store/timers"
)

// Timers of what keeps alerts quiet.
const (
	TimerSettled     = "alert_settled" // a flapping alert has been over for long enough
	TimerLetGo       = "alerts_let_go" // what held the alerts of a service back may be over
	TimerSweep       = "alerts_swept"  // the same once more, a little later
	TimerMaintenance = "maintenance"   // a maintenance begins or ends
)

// quiet is what holds alerts back, as one batch has read it.
type quiet struct {
	silences    []*alert.Silence
	maintenance []*alert.Maintenance
	rules       *rules
	listened    bool
	stand       map[string][]*alert.Alert // what stands on a service, by service
}

// rules are the compiled patterns of one procedure.
type rules struct {
	inhibit  []inhibit
	grouping []grouping
}

type inhibit struct {
	*procedure.Inhibit
	when, then map[string]*regexp.Regexp
}

type grouping struct {
	*procedure.Grouping
	match map[string]*regexp.Regexp
}

// compiled keeps the patterns of procedures by hash.
type compiled struct {
	mu     sync.Mutex
	byHash map[string]*rules
}

func (c *compiled) of(hash string, p *procedure.Procedure) (*rules, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.byHash[hash]; r != nil {
		return r, nil
	}
	r := &rules{}
	for i := range p.Noise.Inhibit {
		x := inhibit{Inhibit: &p.Noise.Inhibit[i]}
		var err error
		if x.when, err = patterns(x.When); err != nil {
			return nil, err
		}
		if x.then, err = patterns(x.Then); err != nil {
			return nil, err
		}
		r.inhibit = append(r.inhibit, x)
	}
	for i := range p.Noise.Grouping {
		x := grouping{Grouping: &p.Noise.Grouping[i]}
		var err error
		if x.match, err = patterns(x.Match); err != nil {
			return nil, err
		}
		r.grouping = append(r.grouping, x)
	}
	c.byHash = map[string]*rules{hash: r} // one procedure is in force at a time
	return r, nil
}

func patterns(of map[string]string) (map[string]*regexp.Regexp, error) {
	out := make(map[string]*regexp.Regexp, len(of))
	for name, text := range of {
		re, err := procedure.Whole(text)
		if err != nil {
			return nil, fmt.Errorf("compile pattern of %s: %w", name, err)
		}
		out[name] = re
	}
	return out, nil
}

func (b *batch) listen() error {
	if b.quiet.listened {
		return nil
	}
	var err error
	if b.quiet.silences, err = b.known.load(b.tx); err != nil {
		return err
	}
	if b.quiet.maintenance, err = silences.Maintenances(b.tx); err != nil {
		return err
	}
	for _, m := range b.quiet.maintenance {
		if err := m.Compile(); err != nil {
			return fmt.Errorf("read maintenance %s: %w", m.ID, err)
		}
	}
	if b.quiet.rules, err = b.compiled.of(b.hash, b.proc); err != nil {
		return err
	}
	b.quiet.listened, b.quiet.stand = true, map[string][]*alert.Alert{}
	return nil
}

// held tells what holds a trigger back; empty: nothing does. An alert that
// stands already is in somebody's hands and is not.
func (b *batch) held(service string, al *alert.Alert, s *alert.Signal, now time.Time) (string, error) {
	if s.Action != alert.Trigger || al.Open() {
		return "", nil
	}
	return b.holds(service, al, s, now)
}

// holds is held for an alert in whatever state. A person who asks for help is
// held back by a silence alone, which another person has set for just that.
func (b *batch) holds(service string, al *alert.Alert, s *alert.Signal, now time.Time) (string, error) {
	if err := b.listen(); err != nil {
		return "", err
	}
	tags := s.Tags(service)
	for _, x := range b.quiet.silences {
		if x.ServiceID == service && x.Covers(tags, now) {
			return fmt.Sprintf("a silence of %s until %s (%s)", x.CreatedBy, x.EndsAt.UTC().Format(time.RFC3339), x.Comment), nil
		}
	}
	if asks(s) {
		return "", nil
	}
	for _, m := range b.quiet.maintenance {
		if m.Covers(service, tags, now) {
			o, _ := m.At(now)
			return fmt.Sprintf("maintenance %q until %s", m.Title, o.To.Format(time.RFC3339)), nil
		}
	}
	return b.inhibited(service, al, tags)
}

// inhibited tells which standing alert holds this one back.
func (b *batch) inhibited(service string, al *alert.Alert, tags map[string]string) (string, error) {
	for _, r := range b.quiet.rules.inhibit {
		if !procedure.MatchesAll(r.then, tags) || procedure.MatchesAll(r.when, tags) { // nothing holds back what holds others back
			continue
		}
		for _, on := range append([]string{service}, b.cat.Upstream(service)...) {
			as, err := b.standingOn(on)
			if err != nil {
				return "", err
			}
			for _, x := range as {
				if x.ID == al.ID || !x.Open() {
					continue
				}
				other := tagsOf(x)
				if procedure.MatchesAll(r.when, other) && same(r.Equal, tags, other) {
					return fmt.Sprintf("%s: alert %s stands on %s", r.ID, x.ID, on), nil // its summary may be nobody's to read here
				}
			}
		}
	}
	return "", nil
}

func same(names []string, a, b map[string]string) bool {
	for _, n := range names {
		if a[n] != b[n] {
			return false
		}
	}
	return true
}

// tagsOf are the tags of an alert's last trigger.
func tagsOf(a *alert.Alert) map[string]string {
	var s alert.Signal
	if json.Unmarshal([]byte(a.Details), &s) != nil {
		return nil
	}
	return s.Tags(a.ServiceID)
}

// maxInhibiting is how many standing alerts of a service are asked whether they
// hold another back.
const maxInhibiting = 500

// standingOn lists what stands on a service: stored, and of this batch.
func (b *batch) standingOn(service string) ([]*alert.Alert, error) {
	stored, ok := b.quiet.stand[service]
	if !ok {
		var err error
		if stored, err = alerts.Standing(b.tx, service, maxInhibiting); err != nil {
			return nil, err
		}
		b.quiet.stand[service] = stored
	}
	out := make([]*alert.Alert, 0, len(stored)+len(b.dirty))
	for _, a := range stored {
		if !b.touched[a.ID] {
			out = append(out, a)
		}
	}
	for _, a := range b.dirty {
		if a.ServiceID == service {
			out = append(out, a)
		}
	}
	return out, nil
}

// sweepLater has what is held back on a service looked at again in a minute, for as
// long as anything is: whatever ends or changes what holds it, nothing is held back
// for ever (INV-P1).
func (b *batch) sweepLater(service string, now time.Time) error {
	if b.swept[service] {
		return nil
	}
	if b.swept == nil {
		b.swept = map[string]bool{}
	}
	b.swept[service] = true
	return timers.Set(b.tx, timers.Timer{Kind: TimerSweep, Ref: service, DueAt: now.Add(sweepAfter)}, now)
}

// letGo has what the alert held back looked at again, once it is over.
func (b *batch) letGo(a *alert.Alert, now time.Time) error {
	if err := b.listen(); err != nil {
		return err
	}
	tags := tagsOf(a)
	if !slices.ContainsFunc(b.quiet.rules.inhibit, func(r inhibit) bool { return procedure.MatchesAll(r.when, tags) }) {
		return nil
	}
	for _, service := range append([]string{a.ServiceID}, b.cat.Downstream(a.ServiceID)...) {
		if err := timers.Set(b.tx, timers.Timer{Kind: TimerLetGo, Ref: service, DueAt: now}, now); err != nil {
			return err
		}
	}
	return nil
}

// LetGo is the handler of TimerLetGo and TimerSweep.
func (i *Intake) LetGo(tx *store.Tx, t timers.Timer, now time.Time) error {
	return i.wake(tx, t.Ref, now)
}

// group is the part of a service's alerts that has an incident of its own.
func (b *batch) group(service string, s *alert.Signal) string {
	if len(b.proc.Noise.Grouping) == 0 || b.listen() != nil {
		return "" // what cannot be cut finer joins the incident of its service
	}
	tags := s.Tags(service)
	for _, g := range b.quiet.rules.grouping {
		if len(g.Services) > 0 && !slices.Contains(g.Services, service) || !procedure.MatchesAll(g.match, tags) {
			continue
		}
		parts := make([]string, 0, len(g.By))
		for _, name := range g.By {
			parts = append(parts, name+"="+tags[name])
		}
		return g.ID + ": " + strings.Join(parts, ", ")
	}
	return ""
}

// cause finds the incident that the alert is likely a symptom of, where the
// procedure has it join that one; nil for none. An alert that suggests more than
// it is worse than its cause, and a restricted incident takes nobody in.
func (b *batch) cause(a *alert.Alert, s *alert.Signal, now time.Time) (st *standing, why string, err error) {
	if b.proc.Noise.Topology.Mode != procedure.TopologyJoin || asks(s) {
		return nil, "", nil
	}
	st, err = b.upstream(a.ServiceID, now)
	if err != nil || st == nil || a.Severity.Above(st.inc.Severity) && a.Severity.Above(st.raise) {
		return nil, "", err
	}
	a.Noise.Cause = st.inc.Ref()
	return st, fmt.Sprintf("joined %%s as a symptom: its service depends on %s", st.inc.ServiceID), nil
}

// upstream is the nearest incident that is open, not for long, on a service that
// this one depends on.
func (b *batch) upstream(service string, now time.Time) (*standing, error) {
	window := b.proc.Noise.Topology.Window.Elapsed()
	for _, on := range b.cat.Upstream(service) {
		st, err := b.openOn(on, "")
		if err != nil {
			return nil, err
		}
		if st != nil && st.inc.Status.Open() && !st.inc.Restricted && now.Sub(st.inc.DetectedAt) <= window {
			return st, nil
		}
	}
	return nil, nil
}

// relate tells of the other incidents that a new one is likely a symptom or the
// cause of.
func (b *batch) relate(st *standing, a *alert.Alert, now time.Time) error {
	if b.proc.Noise.Topology.Mode != procedure.TopologyLink {
		return nil
	}
	up, err := b.upstream(a.ServiceID, now)
	if err != nil {
		return err
	}
	if up != nil {
		a.Noise.Cause = up.inc.Ref()
		a.Noise.Note(fmt.Sprintf("likely a symptom of %s on %s, which its service depends on", up.inc.Ref(), up.inc.ServiceID), now)
		b.linked(st.inc, fmt.Sprintf("Likely a symptom of %s: %s depends on %s", up.inc.Ref(), st.inc.ServiceID, up.inc.ServiceID), now)
		b.linked(up.inc, fmt.Sprintf("Likely the cause of %s: %s depends on %s", st.inc.Ref(), st.inc.ServiceID, up.inc.ServiceID), now)
	}
	window := b.proc.Noise.Topology.Window.Elapsed()
	for _, on := range b.cat.Downstream(a.ServiceID) {
		down, err := b.openOn(on, "")
		if err != nil {
			return err
		}
		if down != nil && !down.inc.Restricted && now.Sub(down.inc.DetectedAt) <= window {
			b.linked(down.inc, fmt.Sprintf("Likely a symptom of %s: %s depends on %s", st.inc.Ref(), on, a.ServiceID), now)
			b.linked(st.inc, fmt.Sprintf("Likely the cause of %s: %s depends on %s", down.inc.Ref(), on, a.ServiceID), now)
		}
	}
	return nil
}

func (b *batch) linked(inc *incident.Incident, text string, now time.Time) {
	b.entries = append(b.entries, &event.Event{
		IncidentID: inc.ID, Kind: event.Automatic, Actor: event.System, Source: "intake", At: now, RecordedAt: now, Restricted: inc.Restricted,
		Data: event.Data{Text: text, Clauses: []string{"PLT-CFG-DEPS"}, Number: inc.Number},
	})
}

// wakes says whether the alert's incident asks anybody.
func wakes(st *standing, a *alert.Alert) string {
	sev := a.Severity
	if st.inc.Severity.Above(sev) {
		sev = st.inc.Severity
	}
	if sev.Pages() {
		return fmt.Sprintf(". A %s pages.", sev)
	}
	return fmt.Sprintf(". A %s pages nobody.", sev)
}

// began remembers a run, and says so when the alert has begun to flap.
func (b *batch) began(a *alert.Alert, now time.Time) error {
	f := b.proc.Noise.Flapping
	if a.Noise.Began(f, now) {
		a.Noise.Note(fmt.Sprintf("it comes and goes: begun %d times within %s. It ends when it has been over for %s.", f.Changes, f.Within, f.Hold), now)
	}
	return nil
}

// flapping has the end of a flapping alert wait until it has been over for a
// while. What a person says counts at once.
func (b *batch) flapping(a *alert.Alert, s *alert.Signal, now time.Time) (waits bool, err error) {
	f := b.proc.Noise.Flapping
	if s.Action == alert.Resolve && (b.by != "" || b.settled == a.ID) {
		a.Noise.Settle()
	}
	if !a.Noise.Flaps || f.Changes == 0 {
		return false, nil
	}
	switch {
	case s.Action == alert.Resolve && a.Open():
		if !a.Noise.OverAt.IsZero() {
			return true, nil // said again: it is over since then
		}
		a.Noise.OverAt = now
		b.touch(a)
		return true, timers.Set(b.tx, timers.Timer{Kind: TimerSettled, Ref: a.ID.String(), DueAt: now.Add(f.Hold.Elapsed())}, now)
	case s.Action == alert.Trigger && !a.Noise.OverAt.IsZero():
		a.Noise.OverAt = time.Time{}
		return false, timers.Cancel(b.tx, TimerSettled, a.ID.String())
	}
	return false, nil
}

// Settled is the handler of TimerSettled.
func (i *Intake) Settled(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	a, err := alerts.Get(tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || !a.Open() || a.Noise.OverAt.IsZero() { // it has come again meanwhile
		return err
	}
	b, err := i.begin(tx, now)
	if err != nil {
		return err
	}
	b.settled = id
	s := alert.Signal{Source: a.Source, Action: alert.Resolve, DedupKey: a.DedupKey, Summary: "it has been over for a while"}
	return b.accept([]Arrival{{ServiceID: a.ServiceID, Source: a.Source, Signals: []alert.Signal{s}, Now: now}})
}

// asked reports whether a person is behind the alert.
func asked(a *alert.Alert) bool {
	var s alert.Signal
	return json.Unmarshal([]byte(a.Details), &s) != nil || asks(&s)
}

// hold brings the standing alerts that a maintenance expects out of the way, where
// nobody has them in hand yet: their pages end with them.
func (i *Intake) hold(tx *store.Tx, m *alert.Maintenance, now time.Time) error {
	b, err := i.begin(tx, now)
	if err != nil {
		return err
	}
	for _, service := range m.Services {
		as, err := alerts.Standing(tx, service, maxStanding)
		if err != nil {
			return err
		}
		for _, a := range as {
			// What is about to end by itself ends, and people who ask are heard.
			if !a.Open() || !a.Noise.OverAt.IsZero() || asked(a) || !m.Covers(service, tagsOf(a), now) {
				continue
			}
			st, err := b.standing(a.IncidentID)
			if err != nil {
				return err
			}
			if st == nil || st.inc.Restricted || st.inc.Declared || !st.inc.AcknowledgedAt.IsZero() || st.inc.Status != incident.Triage {
				continue
			}
			a.Status, a.LastAt, a.IncidentID = alert.Suppressed, now, 0
			a.Noise.HeldBy = fmt.Sprintf("maintenance %q", m.Title)
			a.Noise.Note("held back: "+a.Noise.HeldBy+" has begun", now)
			b.touch(a)
			st.open--
			st.recovered = true
			b.linked(st.inc, fmt.Sprintf("%q is expected: maintenance %q has begun", a.Summary, m.Title), now)
		}
	}
	return b.finish()
}
