package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
)

// Brief tells the executives where the incident stands, in the commander's words
// (WAR-IC-EXEC). What is written of a restricted incident stays inside.
func (c *Command) Brief(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		text = strings.TrimSpace(text)
		switch {
		case text == "" || len(text) > maxNote:
			return fault.New(fault.Invalid, "brief the executives").With("text", fmt.Sprintf("1 to %d characters: impact, what is being done, what you expect, what you need", maxNote))
		case !s.inc.Declared:
			return fault.New(fault.Conflict, "%s is a suspicion: executives hear of it when it is declared", s.inc.Ref())
		case s.proc.WarRoom == nil:
			return fault.New(fault.Conflict, "the procedure of %s names nobody to brief", s.inc.Ref())
		}
		b := s.proc.WarRoom.Brief
		if err := s.emit(event.Briefed, event.Data{Text: text, Owner: a.ID, Targets: b.To, Clauses: []string{"WAR-IC-EXEC"}}); err != nil {
			return err
		}
		name := b.Text
		if s.inc.Restricted {
			name = b.Restricted
		}
		s.news = text
		subject, body, err := s.text(name, nil)
		if err != nil {
			return err
		}
		return s.emit(event.NoticeWanted, event.Data{Rule: "brief", Ref: s.tx.NewID(now).String(), Targets: b.To, Subject: subject, Text: body, Clauses: []string{"WAR-IC-EXEC"}})
	})
}

// DraftBrief proposes a brief from what the record knows.
func (c *Command) DraftBrief(ctx context.Context, a authz.Actor, number int64, now time.Time) (text string, err error) {
	err = c.view(ctx, a, number, now, func(s *scene) error {
		n := s.c.touching(s.cat, s.inc)
		lines := []string{
			fmt.Sprintf("%s is a %s since %s: %s.", s.inc.Ref(), s.inc.Severity, instant(s.inc.DetectedAt), s.inc.Title),
			fmt.Sprintf("Impact: %s. %d customers, of them %d enterprise and %d VIP.", s.scopeText(), n.All, n.Enterprise, n.VIP),
			fmt.Sprintf("Now: %s, for %s.", s.inc.Status, s.downtime().Round(time.Minute)),
		}
		if s.inc.Scope.Consequence != "" {
			lines = append(lines, "For the business: "+s.inc.Scope.Consequence)
		}
		last, err := s.lastWord()
		if err != nil {
			return err
		}
		if last != "" {
			lines = append(lines, "Last from the room: "+last)
		}
		for _, k := range s.proc.Clocks {
			if k.ID == "resolution" {
				if due, _, _, ok := k.Due(s.inc.Severity, s.inc.ChainAnchor(), s.proc.Calendar()); ok && s.inc.Holds(procedure.Unresolved) {
					lines = append(lines, "Promised to be over by "+instant(due)+".")
				}
			}
		}
		text = strings.Join(append(lines, "Expected: ", "Needed from you: nothing at the moment."), "\n")
		return nil
	})
	return text, err
}

// lastWord is what was last written on the timeline, by people.
func (s *scene) lastWord() (string, error) {
	found, err := events.List(s.tx, events.Filter{Incident: s.inc.ID, Kind: string(event.Noted), Limit: 1})
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Data.Text, nil
}

// view shows the scene of an incident that the actor may know of; nothing is
// changed.
func (c *Command) view(ctx context.Context, a authz.Actor, number int64, now time.Time, show func(*scene) error) error {
	return c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := may(a, authz.Read, inc); err != nil {
			return err
		}
		s, err := c.hold(tx, inc, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		return show(s)
	})
}

// WallOpened puts on the record that a read-only address of the incident was made
// for a screen. A restricted incident is shown on none (reading 18).
func (c *Command) WallOpened(ctx context.Context, a authz.Actor, number int64, until, now time.Time) error {
	_, err := c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if s.inc.Restricted {
			return fault.New(fault.Conflict, "%s is restricted: it is shown on no wall", s.inc.Ref())
		}
		return s.emit(event.Noted, event.Data{Text: "A read-only address for a screen was made; it ends at " + instant(until), Owner: a.ID, Subject: "wall", Clauses: []string{"WAR-PHY-SCREEN"}})
	})
	return err
}
