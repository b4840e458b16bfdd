package partners

import (
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/partner"
	"allclear/internal/store"
	"allclear/internal/store/cases"
	"allclear/internal/store/incidents"
)

// software is who acts where nobody does.
func software() authz.Actor { return authz.Software("partners") }

// of reads a delivery's case and its incident.
func (p *Partners) of(tx *store.Tx, d *message.Delivery, now time.Time, lock bool) (*scene, *partner.Case, error) {
	read := cases.Get
	if lock {
		read = cases.Take
	}
	c, err := read(tx, d.RefID)
	if err != nil {
		return nil, nil, err
	}
	inc, err := incidents.Peek(tx, c.Incident)
	if err != nil {
		return nil, nil, err
	}
	s, err := p.scene(tx, software(), authz.Respond, inc, now)
	return s, c, err
}

// Wanted says whether a case is still to be opened. The sender asks inside the
// transaction that claims it.
func (p *Partners) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	s, c, err := p.of(tx, d, now, false)
	if err != nil {
		return false, "", err
	}
	if d.Kind == message.KindEngage {
		return c.State == partner.ToOpen, "the partner is engaged, or not needed", nil
	}
	switch {
	case c.State != partner.Asked:
		return false, "the case is " + string(c.State), nil
	case s.inc.Restricted: // it became so after somebody asked
		return false, "the incident is restricted", s.failed(c, "The incident is restricted: nothing of it goes out by an interface.", true)
	}
	d.Headers.Case = message.Case{Incident: s.inc.Ref(), Kind: string(c.Kind), Urgency: c.Urgency, Params: c.Params}
	return true, "", nil
}

// Outcome puts an attempt on the record: a case that is open, or a line that says why
// there is none and what a person can do.
func (p *Partners) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	s, c, err := p.of(tx, d, now, true)
	if err != nil {
		return err
	}
	if d.Kind == message.KindEngage {
		return s.mailed(c, d)
	}
	switch d.State {
	case message.Accepted:
		if err := c.Opened(c.Partner, d.Ref, d.Ref, "", now); err != nil {
			return s.tell(event.CaseTold, c, "the interface opened a case as well: "+d.Ref)
		}
		c.LookAt = now
		if err := cases.Save(tx, c); err != nil {
			return err
		}
		return s.tell(event.CaseOpened, c, s.opened(c))
	case message.Failed:
		return s.failed(c, d.LastError, true)
	case message.Queued:
		return s.failed(c, d.LastError, false)
	case message.Attempting, message.Cancelled:
	}
	return nil
}

// failed notes why there is no case yet. Each reason is told once.
func (s *scene) failed(c *partner.Case, problem string, final bool) error {
	was, state := c.Problem, c.State
	if c.Refused(problem, final); c.Problem == was && c.State == state {
		return nil
	}
	if err := cases.Save(s.tx, c); err != nil {
		return err
	}
	text := "the case could not be opened yet: " + problem
	if final {
		text = "the case could not be opened: " + problem + ". " + s.byHand(c)
	}
	if err := s.tell(event.CaseFailed, c, text); err != nil {
		return err
	}
	return s.watch(c)
}

// byHand says how a person opens the case.
func (s *scene) byHand(c *partner.Case) string {
	of := s.cat.Partners[c.Partner]
	switch {
	case of.Phone != "" && of.Portal != "":
		return "Open it by " + of.Portal + " or " + of.Phone
	case of.Portal != "":
		return "Open it by " + of.Portal
	case of.Phone != "":
		return "Open it by " + of.Phone
	}
	return "Open it by hand"
}
