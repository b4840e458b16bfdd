package sim

import (
	"context"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/internal/flow/intake"
)

// do asks the engine; the answer is what the outside learns.
func (w *world) do(ctx context.Context, a act, code string) error {
	var err error
	switch a.kind {
	case "event":
		arr := intake.Arrival{ServiceID: a.service, Source: "events", Raw: []byte("{}"), Now: w.now}
		for _, s := range a.signals {
			arr.Signals = append(arr.Signals, alert.Signal{Source: "events", Action: alert.Action(s.action), DedupKey: s.key, Summary: "trouble " + s.key, Severity: s.severity})
		}
		return w.e.Intake.AcceptNow(ctx, arr)
	case "ack":
		_, err = w.e.Command.Acknowledge(ctx, person(a.by), a.incident, w.now)
	case "link":
		_, err = w.e.Paging.AckNow(ctx, code, "", w.now)
	case "engage":
		_, err = w.e.Command.Engage(ctx, person(a.by), a.incident, w.now)
	case "severity":
		sev, _ := procedure.ParseSeverity(a.severity)
		_, err = w.e.Command.SetSeverity(ctx, person(a.by), a.incident, sev, "looked again", w.now)
	case "resolve":
		_, err = w.e.Command.Resolve(ctx, person(a.by), a.incident, command.Resolution{Reason: "over"}, w.now)
	case "dismiss":
		_, err = w.e.Command.Dismiss(ctx, person(a.by), a.incident, "a test", w.now)
	case "declare":
		sev, _ := procedure.ParseSeverity(a.severity)
		_, err = w.e.Command.Declare(ctx, person(a.by), command.Declaration{Service: a.service, Title: "by hand", Severity: sev}, w.now)
	}
	return err
}

// allowed says whether the act must be taken, by the model.
func (m *model) allowed(a act, link pageKey) bool {
	switch a.kind {
	case "event", "declare":
		return true
	case "link":
		p, s := m.pages[link], m.find(link.incident)
		return p != nil && s != nil && !p.dead && !p.failed && s.live()
	}
	s := m.find(a.incident)
	switch {
	case s == nil || !s.live():
		return false
	case a.kind == "dismiss":
		return s.status == "triage"
	}
	return true
}

func refused(err error) bool {
	return fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid)
}

func (m *model) find(number int64) *inc {
	if number < 1 || number > int64(len(m.incs)) {
		return nil
	}
	return m.incs[number-1]
}

// apply is what a committed act means.
func (m *model) apply(a act, link pageKey) {
	if a.kind == "event" {
		m.event(a)
		return
	}
	if a.kind == "declare" {
		s := m.add(a.service, number(a.severity), m.joinable(a.service) != nil)
		m.begin(s)
		m.climb(s)
		m.declare(s)
		m.consequences(s)
		return
	}
	if a.kind == "link" {
		m.link(link)
		return
	}
	s := m.find(a.incident)
	switch a.kind {
	case "ack":
		m.acknowledge(s, a.by)
	case "engage":
		if !s.acked {
			m.acknowledge(s, a.by)
		}
		if s.engagedAt.IsZero() {
			s.engagedAt = m.w.now
			m.acknowledge(s, a.by)
		}
		m.declare(s)
	case "severity":
		if to := number(a.severity); to != s.sev {
			m.severity(s, to)
		}
	case "resolve":
		m.end(s, "resolved")
	case "dismiss":
		s.dismissed = true
		m.end(s, "closed")
	}
}

func (m *model) link(k pageKey) {
	p, s := m.pages[k], m.find(k.incident)
	m.kill(p)
	if !p.answer {
		m.acknowledge(s, k.person)
	}
}

func number(sev string) int { return int(sev[1] - '0') }

func (m *model) add(service string, sev int, beside bool) *inc {
	s := &inc{
		number: int64(len(m.incs) + 1), service: service, beside: beside, status: "triage", sev: sev, highest: sev, anchor: m.w.now,
		periods: []period{{sev: sev, from: m.w.now}}, declaredAs: map[int]bool{},
	}
	m.incs = append(m.incs, s)
	return s
}

// joinable is the incident that alerts of the service join (reading 5).
func (m *model) joinable(service string) *inc {
	i := slices.IndexFunc(m.incs, func(s *inc) bool { return s.service == service && !s.beside && s.live() })
	if i < 0 {
		return nil
	}
	return m.incs[i]
}

// touched is what one arrival does to one incident.
type touched struct {
	s                *inc
	fresh, joined    bool
	raise            int
	acked, recovered bool
}

// event brings an arrival to bear: its signals in order, then what they mean
// for each incident, in the order they were touched.
func (m *model) event(a act) {
	m.raws++
	var order []*touched
	get := func(s *inc, fresh bool) *touched {
		for _, t := range order {
			if t.s == s {
				return t
			}
		}
		t := &touched{s: s, fresh: fresh}
		order = append(order, t)
		return t
	}
	for _, sig := range a.signals {
		k := alertKey{a.service, sig.key}
		al, sev := m.alerts[k], suggest(sig.severity, a.service)
		switch {
		case sig.action == "trigger" && (al == nil || al.status == "resolved"):
			if al == nil {
				al = &alrt{}
				m.alerts[k] = al
			}
			s := m.joinable(a.service)
			fresh := s == nil
			if fresh {
				s = m.add(a.service, sev, false)
			}
			t := get(s, fresh)
			al.status, al.sev, al.incident = "triggered", sev, s.number
			al.count++
			al.run++
			s.open++
			t.joined = true
			t.raise = higher(t.raise, sev)
		case sig.action == "trigger":
			al.count++
			if sev < al.sev {
				al.sev = sev
				t := get(m.find(al.incident), false)
				t.raise = higher(t.raise, sev)
			}
		case al == nil:
		case sig.action == "acknowledge" && al.status == "triggered":
			al.status = "acknowledged"
			get(m.find(al.incident), false).acked = true
		case sig.action == "resolve" && al.status != "resolved":
			al.status = "resolved"
			t := get(m.find(al.incident), false)
			t.s.open--
			t.recovered = true
		}
	}
	for _, t := range order {
		m.mean(t)
	}
}

func higher(a, b int) int {
	if a == 0 || b < a {
		return b
	}
	return a
}

func (m *model) mean(t *touched) {
	s := t.s
	if t.fresh {
		if t.raise != 0 && t.raise < s.sev {
			s.sev, s.highest, s.periods[0].sev = t.raise, t.raise, t.raise
		}
		m.begin(s)
		m.climb(s)
		m.consequences(s)
	} else {
		if t.joined && s.status == "monitoring" {
			s.status = "investigating"
		}
		if t.raise != 0 && t.raise < s.sev && s.live() && (!s.declared || s.sev > 2 && t.raise <= 2) {
			m.severity(s, t.raise)
		}
	}
	if t.acked && s.live() && !s.acked {
		m.acknowledge(s, "source:events")
	}
	if !t.recovered || s.open > 0 {
		return
	}
	switch s.status {
	case "triage":
		m.end(s, "resolved")
	case "investigating", "mitigated":
		s.status = "monitoring"
	}
}

// linkOf cuts the code out of the address in a page.
func linkOf(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
