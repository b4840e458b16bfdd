package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/timers"
)

// The course of an incident inside a transaction, whoever set it off.

// acknowledge notes that somebody has it. A person who acknowledges commands
// until hand-over (reading 16); a source does not.
func (s *scene) acknowledge(by, via string) error {
	changed, err := s.inc.Acknowledge(by, s.now)
	if err != nil {
		return err
	}
	if err := s.wake(s.name(by) + " has it"); err != nil {
		return err
	}
	d := event.Data{Owner: by, Channel: via}
	if !changed {
		d.Outcome = "again"
		return s.emit(event.Acknowledged, d)
	}
	d.Clauses = []string{"SEV-" + s.inc.Severity.String() + "-ACK"}
	if err := s.emit(event.Acknowledged, d); err != nil {
		return err
	}
	if err := s.reach("acknowledged", s.at, "acknowledged by "+s.name(by), ""); err != nil {
		return err
	}
	if s.person(by) {
		if err := s.takeCommand(by); err != nil {
			return err
		}
		if err := s.reach("assigned", s.at, s.name(by)+" has it", ""); err != nil {
			return err
		}
	}
	return s.follow(acknowledged)
}

func (s *scene) person(id string) bool {
	_, ok := s.cat.People[id]
	return ok
}

// takeCommand gives the command to who has it in hand, when nobody holds it.
func (s *scene) takeCommand(by string) error {
	if s.inc.Commander() != "" || !s.inc.Severity.Pages() {
		return nil
	}
	return s.assignRole(incident.Commander, by, "")
}

func (s *scene) assignRole(role, person, handover string) error {
	former := s.inc.Assign(role, person)
	if err := s.emit(event.RoleTaken, event.Data{Owner: person, Subject: role, From: former, Text: handover, Clauses: roleClauses(role)}); err != nil {
		return err
	}
	if moment, ok := named(role); ok {
		if err := s.reach(moment, s.at, s.name(person)+" is "+strings.ReplaceAll(role, "_", " "), ""); err != nil {
			return err
		}
	}
	return s.room()
}

// named is the moment at which a role has a holder.
func named(role string) (moment string, ok bool) {
	switch role {
	case incident.Commander:
		return "commander_named", true
	case incident.TechLead:
		return "technical_lead_named", true
	case incident.CommsLead:
		return "communications_lead_named", true
	case incident.Scribe:
		return "scribe_named", true
	}
	return "", false
}

func roleClauses(role string) []string {
	switch role {
	case incident.Commander:
		return []string{"WAR-IC-COORD"}
	default:
		return nil
	}
}

// room ends the war room's clock once somebody commands and somebody has
// joined (reading 16).
func (s *scene) room() error {
	if !s.inc.Declared || s.inc.Commander() == "" {
		return nil
	}
	joined := slices.ContainsFunc(s.inc.Responders, func(r incident.Responder) bool { return r.State == "joined" })
	if !joined {
		return nil
	}
	return s.reach("room_ready", s.at, s.name(s.inc.Commander())+" commands and responders have joined", "")
}

func (s *scene) join(person, state string) error {
	if !s.inc.Join(person, state, s.now) {
		return nil
	}
	if err := s.emit(event.Joined, event.Data{Owner: person, Outcome: state}); err != nil {
		return err
	}
	return s.room()
}

// engage notes the first responder at work, which has it and confirms the
// suspicion.
func (s *scene) engage(by string) error {
	if err := s.acknowledgeQuietly(by); err != nil {
		return err
	}
	changed, err := s.inc.Engage(by, s.now)
	if err != nil {
		return err
	}
	if changed {
		if err := s.wake(s.name(by) + " is working on it"); err != nil {
			return err
		}
		if err := s.emit(event.Engaged, event.Data{Owner: by, Clauses: []string{"SEV-" + s.inc.Severity.String() + "-RESP"}}); err != nil {
			return err
		}
		if err := s.reach("engaged", s.at, s.name(by)+" is working on it", ""); err != nil {
			return err
		}
	}
	if err := s.declareBy(by); err != nil {
		return err
	}
	if err := s.room(); err != nil || !changed {
		return err
	}
	return s.follow(engaged)
}

func (s *scene) acknowledgeQuietly(by string) error {
	if s.inc.Acked() {
		return nil
	}
	return s.acknowledge(by, s.source)
}

func (s *scene) declareBy(by string) error {
	if s.inc.Declared {
		return nil
	}
	return s.declare("confirmed by "+s.name(by), []string{"RSP-S2-SEV"})
}

// declare makes the suspicion an incident: the war room, executives and
// customers follow by their clocks and rules (readings 2, 3, 7 and 16).
func (s *scene) declare(why string, clauses []string) error {
	changed, err := s.inc.Declare(s.actor, s.now)
	if err != nil || !changed {
		return err
	}
	if err := timers.Cancel(s.tx, TimerDeclare, s.inc.ID.String()); err != nil {
		return err
	}
	if err := s.emit(event.Declared, event.Data{Text: why, Clauses: clauses}); err != nil {
		return err
	}
	if err := s.reach("declared", s.at, why, ""); err != nil {
		return err
	}
	if err := s.openRoom(); err != nil {
		return err
	}
	if err := s.gatherTeams(); err != nil {
		return err
	}
	if err := s.startClocks(); err != nil {
		return err
	}
	return s.again()
}

// gatherTeams makes responders of the teams that own what is touched, where the
// severity pages (RSP-S3-TEAM, TEAM-AUTOINC). Who of them is woken is for the
// chain, the call for all hands and the invitations.
func (s *scene) gatherTeams() error {
	if !s.inc.Severity.Pages() {
		return nil
	}
	called, err := s.include(s.inc.Services())
	if err != nil {
		return err
	}
	return s.reach("team_called", s.now, fmt.Sprintf("%d people of the owning teams are included", len(called)), "")
}

// openRoom notes that the war room is active, once.
func (s *scene) openRoom() error {
	kind := s.proc.Severities[s.inc.Severity.String()].WarRoom
	if kind == "" || kind == "none" || !s.inc.Reach("room_active", s.now) {
		return nil
	}
	return s.emit(event.WarRoomActive, event.Data{Text: kind, Clauses: []string{"WAR-ACT"}})
}

// changeSeverity moves clocks, chain and rules to another severity (reading 9).
func (s *scene) changeSeverity(to procedure.Severity, reason string) error {
	from := s.inc.Severity
	changed, err := s.inc.ChangeSeverity(to, reason, s.now)
	if err != nil || !changed {
		return err
	}
	if to.Above(from) || !to.Pages() {
		if err := s.wake("it is a " + to.String() + " now"); err != nil {
			return err
		}
	}
	if err := s.waive("the severity changed from "+from.String()+" to "+to.String(), func(d *deadline.Deadline) bool { return d.Subject == "" }); err != nil {
		return err
	}
	if err := s.emit(event.SeverityChanged, event.Data{From: from.String(), Severity: to.String(), Text: reason, Clauses: []string{"RSP-S2-SEV"}}); err != nil {
		return err
	}
	if s.inc.Declared {
		if err := s.openRoom(); err != nil {
			return err
		}
		if err := s.gatherTeams(); err != nil {
			return err
		}
	}
	if err := s.startClocks(); err != nil {
		return err
	}
	if err := s.awaitDeclaration(); err != nil {
		return err
	}
	if s.inc.Acked() && s.person(s.inc.AcknowledgedBy) {
		if err := s.takeCommand(s.inc.AcknowledgedBy); err != nil {
			return err
		}
	}
	if err := s.again(); err != nil {
		return err
	}
	s.news = "from " + from.String() + " to " + to.String()
	if strings.TrimSpace(reason) != "" {
		s.news += ": " + reason
	}
	return s.follow(reclassified)
}

// ended follows the end of an incident, however it came about: its moment is
// reached, clocks that can no longer be kept are waived.
func (s *scene) ended(k event.Kind, reason string, t trigger) error {
	if err := timers.Cancel(s.tx, TimerDeclare, s.inc.ID.String()); err != nil {
		return err
	}
	if err := s.wake("it is over"); err != nil {
		return err
	}
	moment := s.inc.ResolvedAt
	if err := s.emit(k, event.Data{Text: reason, Owner: s.inc.ResolvedBy, Due: moment.UnixMicro()}); err != nil {
		return err
	}
	if k == event.ResolvedKind {
		if err := s.reach("resolved", moment, reason, ""); err != nil {
			return err
		}
	}
	if err := s.waive(string(s.inc.Status), nil); err != nil {
		return err
	}
	return s.follow(t)
}

// restrict hides the incident from everybody outside its circle (reading 18):
// security, Legal and the named executives, and who works on it already.
func (s *scene) restrict() error {
	if !s.enclose() {
		return nil
	}
	if err := s.tellRestricted(); err != nil {
		return err
	}
	return s.again()
}

// enclose draws the circle; it reports whether there was none.
func (s *scene) enclose() bool {
	ctx := s.targets()
	var circle []string
	for _, target := range []string{"schedule:security", "team:security", "role:security", "team:legal-counsel", "role:legal-counsel", "role:executive"} {
		ids, err := s.cat.Resolve(target, ctx)
		if err != nil {
			continue // a company without that group has nobody there to tell
		}
		circle = append(circle, ids...)
	}
	for _, by := range []string{s.inc.AcknowledgedBy, s.inc.EngagedBy, s.actor} {
		if s.person(by) {
			circle = append(circle, by)
		}
	}
	// Who was only asked, or said no, need not know: whoever is called in by hand from
	// now on may (reading 18).
	s.inc.Responders = slices.DeleteFunc(s.inc.Responders, func(r incident.Responder) bool { return r.State != "joined" })
	slices.Sort(circle)
	return s.inc.Restrict(slices.Compact(circle))
}

func (s *scene) tellRestricted() error {
	d := event.Data{Text: "restricted to its circle; nothing is published by itself", Clauses: []string{"SEV-P1-EX3", "SEC-BR-CONTAIN"}}
	if err := s.emit(event.Restricted, d); err != nil {
		return err
	}
	return s.follow(restricted)
}

// flag adds facts that a person or a scenario states.
func (s *scene) flag(flags []string) {
	for _, f := range flags {
		if f = strings.TrimSpace(f); f != "" && !slices.Contains(s.inc.Flags, f) {
			s.inc.Flags = append(s.inc.Flags, f)
		}
	}
}

func (s *scene) wantsRestriction() bool {
	return slices.Contains(s.inc.Flags, "restricted")
}

// downtime is how long the impact has lasted by now, from detection.
func (s *scene) downtime() time.Duration { return s.now.Sub(s.inc.DetectedAt) }
