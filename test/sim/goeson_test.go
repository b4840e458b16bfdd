package sim

import (
	"slices"
	"time"
)

// goesOn is how long a page waits where nobody says that it arrived.
const goesOn = time.Minute

// heard reports whether a channel of the person says that a page arrived.
func (m *model) heard(p *page, rung int) bool {
	return !slices.Contains(m.w.c.unheard, m.w.contacts(p.key.person)[rung-1])
}

// explain finds why a page goes over another channel: nobody has said for a minute
// that it arrived over the one before, or the level's time is over, which counts
// once.
func (m *model) explain(p *page, rung int) {
	took, ok := p.tookAt[rung-1]
	switch {
	case ok && !m.heard(p, rung-1) && !m.w.now.Before(took.Add(goesOn)):
	case p.within > 0 && !p.breach && !m.w.now.Before(p.born.Add(p.within)):
		p.breach = true
	default:
		m.w.fail("INV-P2", "%s went over channel %d before its time", p.key, rung)
	}
}

// lags reports whether a page should have gone on by now. Where the process died,
// the send before may have to be sent again first.
func (m *model) lags(p *page) bool {
	n := len(p.rungs)
	if n == 0 || n >= len(m.w.contacts(p.key.person)) || m.heard(p, n) {
		return false
	}
	took, ok := p.tookAt[n]
	patience := goesOn
	if m.w.down > 0 {
		took, patience = later(took, m.w.booted), goesOn+resend
	}
	return ok && m.w.now.Sub(took) > patience
}

// resend is how long a send that died takes to be sent again.
const resend = 61 * time.Second
