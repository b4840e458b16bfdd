package intake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// batch is one transaction of intake: alerts and incidents are read once,
// changed in memory and written once.
type batch struct {
	*Intake
	tx   *store.Tx
	cat  *catalog.Catalog
	proc *procedure.Procedure
	hash string
	now  time.Time
	by   string // the person who acts on alerts, and through what; empty: their source does
	via  string

	alerts   map[alerts.Key]*alert.Alert
	dirty    []*alert.Alert
	touched  map[ident.ID]bool // alerts in dirty
	open     map[place]*standing
	byID     map[ident.ID]*standing
	order    []*standing
	services []string // of which alerts say more than before this batch
	entries  []*event.Event

	letter *posted // the mail behind the batch, if it is one

	swept   map[string]bool // services that are looked at again soon
	quiet   quiet           // what holds alerts back, read when the first signal asks
	settled ident.ID        // the alert whose flapping is over
}

// place is where one incident at most is open: a service, or a group of its alerts.
type place struct{ service, group string }

// standing is an incident of this batch with what the batch adds to it.
type standing struct {
	inc       *incident.Incident
	open, all int64
	raise     procedure.Severity // a suggestion above the present severity
	why       string
	acked     string // who acknowledged an alert
	opened    bool
	recovered bool
	calls     []*alert.Signal // to an emergency line or address, that began in this batch
}

func newBatch(i *Intake, tx *store.Tx, cat *catalog.Catalog, proc *procedure.Procedure, hash string) *batch {
	return &batch{Intake: i, tx: tx, cat: cat, proc: proc, hash: hash, touched: map[ident.ID]bool{}, open: map[place]*standing{}, byID: map[ident.ID]*standing{}}
}

// take brings one signal to bear.
func (b *batch) take(a *Arrival, s *alert.Signal) error {
	b.caller(s)
	svc, known := b.cat.Services[a.ServiceID]
	sev := cmp.Or(s.Suggests, b.proc.Suggest(s.Severity, svc.CriticalFunction))
	capped := svc.MaxSeverity != 0 && sev.Above(svc.MaxSeverity) && !asks(s) // emergency lines page (reading 12)
	if capped {
		sev = svc.MaxSeverity
	}
	key := alerts.Key{ServiceID: a.ServiceID, DedupKey: s.DedupKey}
	al := b.alerts[key]
	if al == nil {
		if s.Action != alert.Trigger {
			return nil // nothing stands: the raw payload is kept, that is all
		}
		al = &alert.Alert{ID: b.tx.NewID(a.Now), ServiceID: a.ServiceID, DedupKey: s.DedupKey}
		b.alerts[key] = al
	} else if stale(al, s) {
		return nil
	}
	held, err := b.held(a.ServiceID, al, s, a.Now)
	if err != nil {
		return err
	}
	if held != "" {
		al.Suppress(s, sev, a.Now)
		al.Noise.HeldBy = held
		al.Noise.Note("held back: "+held, a.Now)
		b.touch(al)
		if err := b.sweepLater(a.ServiceID, a.Now); err != nil {
			return err
		}
		return b.describe(al, s, a.Now)
	}
	if waits, err := b.flapping(al, s, a.Now); waits || err != nil {
		return err
	}
	was := al.Severity
	effect := al.Apply(s, sev, a.Now)
	if effect == alert.Nothing {
		return nil
	}
	al.Noise.HeldBy = ""
	if capped && effect == alert.Started {
		al.Noise.Note(fmt.Sprintf("its service suggests %s at most", sev), a.Now)
	}
	b.touch(al)
	if s.Action == alert.Trigger {
		if err := b.describe(al, s, a.Now); err != nil {
			return err
		}
	}
	title := svc.Name
	if !known {
		title = a.ServiceID
	}
	return b.follow(effect, al, s, title, was, a.Now)
}

// touch has the alert written when the batch is done.
func (b *batch) touch(al *alert.Alert) {
	if !b.touched[al.ID] {
		b.touched[al.ID] = true
		b.dirty = append(b.dirty, al)
	}
}

// stale recognises a trigger of an episode that has been resolved already,
// delivered late or twice: sources that date an episode's start give a new
// one when they fire again.
func stale(a *alert.Alert, s *alert.Signal) bool {
	over := a.Status == alert.Resolved || !a.Noise.OverAt.IsZero()
	if s.Action != alert.Trigger || !over || s.StartedAt.IsZero() || s.EndsAt.IsZero() && s.Source == "events" {
		return false
	}
	var last struct {
		StartedAt time.Time `json:"started_at"`
		EndsAt    time.Time `json:"ends_at"`
	}
	if json.Unmarshal([]byte(a.Details), &last) != nil || last.StartedAt.IsZero() {
		return false
	}
	return !s.StartedAt.After(last.StartedAt) && !s.EndsAt.After(last.EndsAt)
}

// describe keeps the last trigger's signal, and the time by which its source
// promises to refresh it.
func (b *batch) describe(a *alert.Alert, s *alert.Signal, now time.Time) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if s.EndsAt.IsZero() && strings.Contains(a.Details, `"ends_at":`) {
		// An earlier trigger gave an end and this one does not: the alert stands
		// until its source resolves it.
		if err := timers.Cancel(b.tx, TimerAlertEnds, a.ID.String()); err != nil {
			return err
		}
	}
	a.Details = string(doc)
	if s.EndsAt.IsZero() || !s.EndsAt.After(now) {
		return nil
	}
	return timers.Set(b.tx, timers.Timer{Kind: TimerAlertEnds, Ref: a.ID.String(), DueAt: s.EndsAt}, now)
}

func (b *batch) follow(effect alert.Effect, a *alert.Alert, s *alert.Signal, service string, was procedure.Severity, now time.Time) error {
	switch effect {
	case alert.Started:
		if err := b.began(a, now); err != nil {
			return err
		}
		return b.join(a, s, service, now)
	case alert.Repeated:
		if !a.Severity.Above(was) {
			return nil
		}
		st, err := b.standing(a.IncidentID)
		if err != nil || st == nil {
			return err
		}
		a.Noise.Note(fmt.Sprintf("raised from %s to %s: its source says %s now", was, a.Severity, word(s.Severity)), now)
		st.suggest(a.Severity, fmt.Sprintf("%q now says %s", a.Summary, s.Severity))
		b.worse(a.ServiceID)
	case alert.Accepted:
		st, err := b.standing(a.IncidentID)
		if err != nil || st == nil {
			return err
		}
		st.acked = b.actor(s)
		b.note(event.AlertAcknowledged, st.inc, a, s, now)
	case alert.Recovered:
		st, err := b.standing(a.IncidentID)
		if err != nil || st == nil {
			return err
		}
		if err := b.letGo(a, now); err != nil {
			return err
		}
		st.open--
		st.recovered = true
		b.note(event.AlertRecovered, st.inc, a, s, now)
	case alert.Nothing:
	}
	return nil
}

// join adds the alert to the incident that is open on its service, or opens
// one in triage (reading 5).
func (b *batch) join(a *alert.Alert, s *alert.Signal, service string, now time.Time) error {
	group := b.group(a.ServiceID, s)
	st, err := b.openOn(a.ServiceID, group)
	if err != nil {
		return err
	}
	why := "joined %s, which is open on its service"
	if st == nil {
		if st, why, err = b.cause(a, s, now); err != nil {
			return err
		}
	}
	if st == nil {
		because := fmt.Sprintf("%s says %s: %s suggests %s", s.Source, word(s.Severity), service, a.Severity)
		if st, err = b.openNew(a, s, group, because, now); err != nil {
			return err
		}
		why = "opened %s: " + because
		if err := b.relate(st, a, now); err != nil {
			return err
		}
	}
	a.IncidentID = st.inc.ID
	a.Noise.Note(strings.Replace(why, "%s", st.inc.Ref(), 1)+wakes(st, a), now)
	st.open++
	st.all++
	if asks(s) {
		st.calls = append(st.calls, s)
	}
	st.suggest(a.Severity, fmt.Sprintf("%q says %s", a.Summary, word(s.Severity)))
	b.note(event.AlertTriggered, st.inc, a, s, now)
	b.worse(a.ServiceID)
	return nil
}

// worse notes that alerts say more of a service than before.
func (b *batch) worse(service string) {
	if !slices.Contains(b.services, service) {
		b.services = append(b.services, service)
	}
}

func word(severity string) string {
	if severity == "" {
		return "nothing of its severity"
	}
	return severity
}

// suggest raises the suggestion and never lowers it.
func (st *standing) suggest(s procedure.Severity, why string) {
	if s.Above(st.inc.Severity) && s.Above(st.raise) {
		st.raise, st.why = s, why
	}
}

func (b *batch) openOn(service, group string) (*standing, error) {
	if st, ok := b.open[place{service, group}]; ok {
		return st, nil
	}
	inc, err := incidents.OpenOn(b.tx, service, group)
	if err != nil || inc == nil {
		return nil, err
	}
	return b.add(inc), nil
}

func (b *batch) standing(id ident.ID) (*standing, error) {
	if st, ok := b.byID[id]; ok {
		return st, nil
	}
	if id == 0 {
		return nil, nil
	}
	inc, err := incidents.Get(b.tx, id)
	if err != nil {
		return nil, err
	}
	return b.add(inc), nil
}

func (b *batch) add(inc *incident.Incident) *standing {
	if st, ok := b.byID[inc.ID]; ok {
		return st
	}
	st := &standing{inc: inc}
	b.byID[inc.ID] = st
	b.order = append(b.order, st)
	if inc.Status.Open() {
		b.open[place{inc.ServiceID, inc.GroupKey}] = st
	}
	return st
}

// longImpact is how long before its detection an impact can have begun: what a
// source dates further back it has not just seen.
const longImpact = 24 * time.Hour

func (b *batch) openNew(a *alert.Alert, s *alert.Signal, group, why string, now time.Time) (*standing, error) {
	inc := &incident.Incident{
		ServiceID: a.ServiceID, GroupKey: group, Title: a.Summary, Status: incident.Triage, Severity: a.Severity, Highest: a.Severity,
		Procedure: b.hash, DetectedAt: now, Why: []string{why},
	}
	if at := s.StartedAt; !at.IsZero() && !at.After(now) && now.Sub(at) <= longImpact {
		inc.ImpactAt = at
	}
	if err := incidents.Insert(b.tx, inc, now); err != nil {
		return nil, err
	}
	st := b.add(inc)
	st.opened = true
	return st, nil
}

func (b *batch) note(k event.Kind, inc *incident.Incident, a *alert.Alert, s *alert.Signal, now time.Time) {
	b.entries = append(b.entries, &event.Event{
		IncidentID: inc.ID, Kind: k, Actor: b.actor(s), Source: cmp.Or(b.via, "hook"), At: now, RecordedAt: now, Restricted: inc.Restricted,
		Data: event.Data{Text: a.Summary, Alert: a.ID.String(), Severity: a.Severity.String(), Status: string(a.Status), Number: inc.Number},
	})
}

// actor is the person behind the batch, or the source of the signal.
func (b *batch) actor(s *alert.Signal) string { return cmp.Or(b.by, "source:"+s.Source) }

// finish writes the batch and tells what it means. Incidents are told in the
// order they were touched, so that the same input gives the same record.
func (b *batch) finish() error {
	if err := alerts.Save(b.tx, b.dirty); err != nil {
		return err
	}
	for _, st := range b.order {
		if st.open == 0 && st.all == 0 {
			continue
		}
		if err := incidents.Count(b.tx, st.inc.ID, st.open, st.all); err != nil {
			return err
		}
	}
	if err := b.bus.Record(b.tx, b.entries); err != nil {
		return err
	}
	for _, st := range slices.Clone(b.order) {
		if err := b.tell(st); err != nil {
			return err
		}
	}
	for _, service := range b.services { // one for all of its alerts: a storm is told once a batch
		if err := b.bus.Heed(b.tx, &event.Event{Kind: event.AlertTriggered, Source: "intake", At: b.now, RecordedAt: b.now, Data: event.Data{Subject: service}}); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) tell(st *standing) error {
	e := event.Event{IncidentID: st.inc.ID, Source: "intake", Restricted: st.inc.Restricted, Data: event.Data{Severity: st.inc.Severity.String(), Number: st.inc.Number, Subject: st.inc.ServiceID}}
	emit := func(k event.Kind, change func(*event.Data)) error {
		n := e
		n.Kind = k
		change(&n.Data)
		return b.bus.Emit(b.tx, b.now, n)
	}
	if st.opened {
		if st.raise != 0 {
			st.inc.Severity, st.inc.Highest, st.raise = st.raise, st.raise, 0
			st.inc.Why = append(st.inc.Why, st.why)
			if err := incidents.Update(b.tx, st.inc, b.now); err != nil {
				return err
			}
		}
		e.Data.Severity = st.inc.Severity.String()
		if err := emit(event.Opened, func(d *event.Data) { d.Text = st.inc.Title; d.Clauses = []string{"RSP-S1-RECV"} }); err != nil {
			return err
		}
	} else if st.all > 0 && st.inc.Status == incident.Monitoring {
		if err := emit(event.Relapsed, func(*event.Data) {}); err != nil {
			return err
		}
	}
	if st.raise != 0 {
		if err := emit(event.Suggested, func(d *event.Data) { d.From, d.Severity, d.Text = st.inc.Severity.String(), st.raise.String(), st.why }); err != nil {
			return err
		}
	}
	if err := b.calling(st); err != nil {
		return err
	}
	if st.acked != "" {
		if err := emit(event.AlertAcked, func(d *event.Data) { d.Owner = st.acked }); err != nil {
			return err
		}
	}
	if st.recovered && st.inc.OpenAlerts+st.open <= 0 {
		return emit(event.Recovered, func(*event.Data) {})
	}
	return nil
}
