package sim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// model is what the procedure asks for, written down a second time from the
// readings (1-5, 9, 12, 13). It shares no code with the product.
type model struct {
	w      *world
	incs   []*inc
	alerts map[alertKey]*alrt
	raws   int // arrivals that were committed
	pages  map[pageKey]*page
	order  []pageKey
}

type alertKey struct{ service, key string }

type alrt struct {
	status     string
	sev        int // 1..4
	count, run int64
	incident   int64
}

type inc struct {
	number       int64
	service      string
	beside       bool // declared beside an open one: alerts do not join it
	status       string
	sev, highest int
	anchor       time.Time // detection, or the last change of severity
	declared     bool
	declaredAt   time.Time
	acked        bool
	open         int // alerts
	steps        []step
	stopped      bool
	round        int
	roundAt      time.Time
	hands        bool // all hands were called
	execs        bool
	hour         time.Time // when a P2 calls the area's manager; zero: not waited for
	called       bool
	periods      []period
	ackAt        time.Time
	engagedAt    time.Time
	endedAt      time.Time
	dismissed    bool
	everP4       bool
	declaredAs   map[int]bool // severities it had while declared
}

// period is a time under one severity; ack and engage count from its start.
type period struct {
	sev      int
	from, to time.Time // to is zero for the last one
}

type step struct {
	due  time.Time
	done string // "" | paged | told | passed
}

// page is one request to one person that must be seen at the providers.
type page struct {
	key     pageKey
	born    time.Time
	answer  bool // asks who joins
	within  time.Duration
	dead    bool // answered or no longer needed
	deadAt  time.Time
	failed  bool // nobody can be reached: loud
	vague   bool // may or may not be there
	calls   int
	rungs   map[int]string    // the last outcome by rung
	tookAt  map[int]time.Time // when a provider accepted it last, by rung
	breach  bool              // the level's time has brought a channel forward
	got     bool              // a provider accepted it
	lastTry time.Time
}

// table is reading 13: after how long each step pages, and while what.
var table = []struct {
	after time.Duration
	p1    string
	p2    string
}{
	{0, "always", "always"},
	{10 * time.Minute, "unacknowledged", "unacknowledged"},
	{20 * time.Minute, "unacknowledged", "unacknowledged"},
	{30 * time.Minute, "unresolved", "unacknowledged"}, // a P2 that has been acknowledged is told
	{45 * time.Minute, "unresolved", ""},
}

// stands reports whether a step asked earlier still asks at the severity of now.
func (s *inc) stands(i int) bool {
	switch s.rule(i) {
	case "":
		return false
	case "unacknowledged":
		return !s.acked
	}
	return true
}

func (s *inc) rule(i int) string {
	switch s.sev {
	case 1:
		return table[i].p1
	case 2:
		return table[i].p2
	}
	return ""
}

func newModel(w *world) *model {
	return &model{w: w, alerts: map[alertKey]*alrt{}, pages: map[pageKey]*page{}}
}

func (s *inc) live() bool { return s.status != "resolved" && s.status != "closed" }

// suggest is reading 1.
func suggest(word, service string) int {
	critical := service == "auth"
	switch {
	case word == "critical" && critical:
		return 1
	case word == "critical", word == "error" && critical:
		return 2
	case word == "info":
		return 4
	}
	return 3
}

// who lists whom a step asks, and the target when nobody is behind it.
func (m *model) who(s *inc, i int) (ids []string, nobody string) {
	add := func(id string) {
		if id = m.w.present(id); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch i {
	case 0:
		add(m.w.c.primary)
	case 1:
		if m.w.c.secondary == "" {
			return nil, "schedule:secondary"
		}
		add(m.w.c.secondary)
	case 2:
		if s.service != "api" {
			if s.service == "vendor" {
				add("marcus.johnson") // its area is unknown: both
			}
			add("sarah.liu")
		} else {
			add("marcus.johnson")
		}
	case 3:
		add("david.kim")
	case 4:
		add("rachel.torres")
	}
	return ids, ""
}

// level is how long a person may take to answer a page (reading 12).
func level(person string, sev int) time.Duration {
	n := map[string]int{"david.kim": 2, "sarah.liu": 2, "marcus.johnson": 2, "rachel.torres": 3, "michael.chen": 3, "jennifer.walsh": 3}[person]
	switch {
	case strings.HasPrefix(person, "communications-lead"):
		return 0 // not of the escalation matrix
	case n == 0:
		n = 1
	}
	return time.Duration([][]int{{5, 15}, {15, 30}, {30, 60}}[n-1][sev-1]) * time.Minute
}

func (m *model) open(k pageKey, sev int, answer bool) {
	if m.pages[k] != nil {
		return
	}
	p := &page{key: k, born: m.w.now, answer: answer, rungs: map[int]string{}, tookAt: map[int]time.Time{}, lastTry: m.w.now}
	if k.round == 0 && sev <= 2 {
		p.within = level(k.person, sev)
	}
	m.pages[k] = p
	m.order = append(m.order, k)
	if len(m.w.contacts(k.person)) == 0 {
		p.failed = true
		m.deputise(k, sev)
		m.fallback(k, k.person, sev)
	}
}

// deputise asks the deputy of somebody on the chain who cannot be reached
// (reading 13).
func (m *model) deputise(k pageKey, sev int) {
	if to, ok := m.w.deputy(k.person); ok && k.reason == "chain" {
		k.person = to
		m.open(k, sev, false)
	}
}

// fallback is the contact of last resort about somebody who cannot be reached.
func (m *model) fallback(k pageKey, about string, sev int) {
	if strings.HasPrefix(k.reason, "fallback") {
		return
	}
	to := m.w.present("david.kim")
	if to == about {
		return
	}
	m.open(pageKey{incident: k.incident, reason: "fallback:" + about, step: k.step, round: k.round, person: to}, sev, false)
}

func (m *model) ask(s *inc, i, round int) {
	ids, nobody := m.who(s, i)
	k := pageKey{incident: s.number, reason: "chain", step: i + 1, round: round}
	for _, id := range ids {
		k.person = id
		m.open(k, s.sev, false)
	}
	if nobody != "" {
		m.fallback(k, nobody, s.sev)
	}
}

// begin starts the chain at a severity that pages.
func (m *model) begin(s *inc) {
	if s.steps != nil || s.sev > 2 {
		return
	}
	s.steps = make([]step, len(table))
	for i := range s.steps {
		s.steps[i].due = s.anchor.Add(table[i].after)
	}
}

// climb looks what of the chain is due now.
func (m *model) climb(s *inc) {
	if s.steps == nil || s.stopped || !s.live() {
		return
	}
	last, waiting := time.Time{}, false
	for i := range s.steps {
		t, while := &s.steps[i], s.rule(i)
		if while == "" {
			continue
		}
		if t.done == "" && !m.w.now.Before(t.due) {
			switch {
			case while == "unacknowledged" && s.acked && i == 3:
				t.done = "told"
			case while == "unacknowledged" && s.acked:
				t.done = "passed"
			default:
				t.done = "paged"
				m.ask(s, i, 0)
			}
		}
		waiting = waiting || t.done == ""
		if t.due.After(last) {
			last = t.due
		}
	}
	if waiting || s.acked {
		return
	}
	if s.roundAt.IsZero() {
		s.roundAt = last.Add(10 * time.Minute)
	}
	if m.w.now.Before(s.roundAt) {
		return
	}
	s.round++ // however many were missed, everyone is asked once
	for !m.w.now.Before(s.roundAt) {
		s.roundAt = s.roundAt.Add(10 * time.Minute)
	}
	for i := range s.steps {
		if s.rule(i) != "" {
			m.ask(s, i, s.round)
		}
	}
}

// tick is everything that time alone brings.
func (m *model) tick() {
	for _, s := range m.incs {
		if !s.live() {
			continue
		}
		if due := s.anchor.Add(8 * time.Minute); !s.declared && s.sev <= 2 && !m.w.now.Before(due) {
			m.declare(s)
		}
		m.climb(s)
		m.consequences(s)
		m.manager(s)
	}
}

// manager is called when a P2 is unresolved after an hour.
func (m *model) manager(s *inc) {
	if s.called || s.hour.IsZero() || m.w.now.Before(s.hour) {
		return
	}
	s.hour = time.Time{}
	if s.sev != 2 {
		return // it counts anew when it is a P2 again
	}
	s.called = true
	ids, _ := m.who(s, 2)
	for _, id := range ids {
		m.open(pageKey{incident: s.number, reason: "manager-after-an-hour", person: id}, s.sev, true)
	}
}

// consequences are the rules that follow from what is the case.
func (m *model) consequences(s *inc) {
	s.everP4 = s.everP4 || s.sev == 4
	if s.sev == 2 && s.hour.IsZero() && !s.called && s.live() {
		s.hour = s.anchor.Add(time.Hour)
	}
	if !s.live() || !s.declared {
		return
	}
	s.declaredAs[s.sev] = true
	if s.sev != 1 {
		return
	}
	s.execs = true
	if s.hands {
		return
	}
	s.hands = true
	for _, id := range []string{"platform-lead-1", "platform-engineer-1", "applications-lead-1", "application-engineer-1", "communications-lead-1"} {
		m.open(pageKey{incident: s.number, reason: "all-hands", person: id}, s.sev, true)
	}
}

func (m *model) declare(s *inc) {
	if s.declared {
		return
	}
	s.declared, s.declaredAt = true, m.w.now
	if s.status == "triage" {
		s.status = "investigating"
	}
	m.consequences(s)
}

func (m *model) kill(p *page) {
	if !p.dead && !p.failed {
		p.dead, p.deadAt = true, m.w.now
	}
}

func (m *model) of(s *inc) []*page {
	var out []*page
	for _, k := range m.order {
		if p := m.pages[k]; k.incident == s.number && !p.dead && !p.failed {
			out = append(out, p)
		}
	}
	return out
}

// acknowledge ends what waited for somebody to have it.
func (m *model) acknowledge(s *inc, by string) {
	if !s.acked {
		s.acked, s.ackAt = true, m.w.now
		s.roundAt = time.Time{}
	}
	for _, p := range m.of(s) {
		if p.key.person == by || p.key.reason == "chain" && s.rule(p.key.step-1) != "unresolved" {
			m.kill(p)
		}
	}
}

func (m *model) severity(s *inc, to int) {
	was := s.sev
	s.periods[len(s.periods)-1].to = m.w.now
	s.periods = append(s.periods, period{sev: to, from: m.w.now})
	s.sev, s.anchor = to, m.w.now
	s.highest = min(s.highest, to)
	fresh := s.steps == nil
	m.begin(s)
	s.stopped = to > 2
	for _, p := range m.of(s) {
		if s.stopped || p.key.reason == "chain" && !s.stands(p.key.step-1) {
			m.kill(p)
		}
	}
	if !fresh && !s.stopped && to < was {
		s.roundAt = time.Time{}
		for i := range s.steps {
			t := &s.steps[i]
			if t.done != "paged" && !t.due.After(m.w.now) {
				*t = step{due: m.w.now.Add(table[i].after)}
			}
		}
	}
	m.climb(s)
	m.consequences(s)
}

func (m *model) end(s *inc, status string) {
	s.status, s.endedAt = status, m.w.now
	for _, p := range m.of(s) {
		m.kill(p)
	}
	for _, a := range m.alerts {
		if a.incident == s.number && a.status != "resolved" {
			a.status = "resolved"
		}
	}
	s.open = 0
}

// called is a page at a provider. alone is false for what one message carries
// beside its first page: that counts as arrived.
func (m *model) called(k pageKey, rung int, channel, to, outcome string, alone bool) {
	w := m.w
	p := m.pages[k]
	if p == nil && strings.HasPrefix(k.reason, "fallback:") && m.unreachable(k) {
		m.open(k, 3, false)
		p = m.pages[k]
		p.vague = true
	}
	if p == nil && k.reason == "chain" && m.standsIn(k) {
		m.open(k, 3, false)
		p = m.pages[k]
		p.vague = true
	}
	switch {
	case p == nil:
		w.fail("INV-P2", "a page nobody asked for: %s", k)
		return
	case p.dead:
		w.fail("INV-P3", "%s went out at %s, after it was void at %s", k, w.now.Sub(w.c.start), p.deadAt.Sub(w.c.start))
	case p.failed:
		w.fail("INV-P6", "%s went out, but the person has no contact", k)
	}
	ladder := w.contacts(k.person)
	if rung < 1 || rung > len(ladder) || ladder[rung-1] != channel {
		w.fail("INV-P1", "%s went to %s as number %d, want the order %v", k, channel, rung, ladder)
	}
	if want := w.address(k.person, channel); want != to {
		w.fail("INV-P1", "%s went to %q, want %q", k, to, want)
	}
	if _, again := p.rungs[rung]; !again && rung > 1 && len(w.c.outages) == 0 && !p.vague {
		m.explain(p, rung)
	}
	p.calls++
	p.rungs[rung] = outcome
	delete(p.tookAt, rung) // a send that is sent again never counted
	if outcome == "ok" && alone {
		p.tookAt[rung] = w.now
	}
	p.got = p.got || outcome == "ok"
	p.lastTry = w.now
}

// unreachable reports whether the page that a fallback is about was refused
// for good everywhere.
func (m *model) unreachable(k pageKey) bool {
	about := strings.TrimPrefix(k.reason, "fallback:")
	for _, o := range m.pages {
		if o.key.incident != k.incident || o.key.step != k.step || o.key.round != k.round || !o.refused(m.w) {
			continue
		}
		if o.key.person == about || len(m.w.contacts(about)) == 0 && slices.Contains(m.behind(o), about) {
			return true
		}
	}
	return false
}

// behind are those who are asked in place of somebody: the deputy, and where that
// one has no contact, theirs.
func (m *model) behind(p *page) (out []string) {
	for who := p.key.person; ; {
		to, ok := m.w.deputy(who)
		if !ok || slices.Contains(out, to) {
			return out
		}
		out = append(out, to)
		if len(m.w.contacts(to)) > 0 {
			return out
		}
		who = to
	}
}

// standsIn reports whether the page is for the deputy of somebody whose page was
// refused for good everywhere.
func (m *model) standsIn(k pageKey) bool {
	for _, o := range m.pages {
		if o.key.incident != k.incident || o.key.reason != "chain" || o.key.step != k.step || o.key.round != k.round || !o.refused(m.w) {
			continue
		}
		if slices.Contains(m.behind(o), k.person) {
			return true
		}
	}
	return false
}

// refused reports whether every way to the person ended for good.
func (p *page) refused(w *world) bool {
	n := len(w.contacts(p.key.person))
	return n > 0 && !p.got && p.rungs[n] == "permanent"
}

// ticked compares the providers with what is due, after the engine has done
// everything for this instant.
func (m *model) ticked() {
	w := m.w
	for _, k := range m.order {
		p := m.pages[k]
		if p.dead || p.failed || p.vague {
			continue
		}
		ladder := w.contacts(k.person)
		switch {
		case p.calls == 0:
			w.fail("INV-P1", "%s is due since %s and was never attempted", k, p.born.Sub(w.c.start))
			p.vague = true
		case !p.got && !p.refused(w) && w.now.Sub(later(p.lastTry, w.booted)) > 61*time.Second:
			w.fail("INV-P1", "%s was given up at %s without anybody having it", k, p.lastTry.Sub(w.c.start))
			p.vague = true
		case len(w.c.outages) == 0:
			want := 1
			if p.within > 0 && len(ladder) > 1 && !w.now.Before(p.born.Add(p.within)) {
				want = 2
			}
			if n := len(p.rungs); n < want || n > want && len(w.c.unheard) == 0 {
				w.fail("INV-P2", "%s went over %d channels by now, want %d", k, n, want)
				p.vague = true
			}
			if m.lags(p) {
				w.fail("INV-P1", "%s did not go on, though nobody said that it arrived", k)
				p.vague = true
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clone keeps the model as it is, for a transaction that may be lost.
func (m *model) clone() *model {
	n := &model{w: m.w, alerts: map[alertKey]*alrt{}, pages: map[pageKey]*page{}, raws: m.raws, order: slices.Clone(m.order)}
	for k, a := range m.alerts {
		c := *a
		n.alerts[k] = &c
	}
	for k, p := range m.pages {
		c := *p
		c.rungs, c.tookAt = maps.Clone(p.rungs), maps.Clone(p.tookAt)
		n.pages[k] = &c
	}
	for _, s := range m.incs {
		c := *s
		c.steps, c.periods, c.declaredAs = slices.Clone(s.steps), slices.Clone(s.periods), maps.Clone(s.declaredAs)
		n.incs = append(n.incs, &c)
	}
	return n
}
