package board

import (
	"slices"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

// allowed lists what the actor may do with the incident as it stands. It is
// for showing buttons; each use case judges again.
func allowed(a authz.Actor, i *incident.Incident) []string {
	live := i.Holds(procedure.Unresolved)
	joined := slices.ContainsFunc(i.Responders, func(r incident.Responder) bool { return r.Person == a.ID && r.State == "joined" })
	merged := i.MergedInto != 0
	out := []string{}
	for _, p := range []struct {
		action string
		verb   authz.Verb
		now    bool
	}{
		{"acknowledge", authz.Respond, live && !i.Acked()},
		{"engage", authz.Respond, live && (i.EngagedAt.IsZero() || !i.Declared || !joined)},
		{"snooze", authz.Respond, live && i.Severity.Pages()},
		{"wake", authz.Respond, live && !i.SnoozedUntil.IsZero()},
		{"confirm", authz.Declare, live && !i.Declared},
		{"dismiss", authz.Command, i.Status == incident.Triage},
		{"severity", authz.Command, live},
		{"roles", authz.Command, live},
		{"responders", authz.Respond, live},
		{"notes", authz.Respond, !merged},
		{"tasks", authz.Respond, true},
		{"mitigate", authz.Command, i.Status == incident.Investigating || i.Status == incident.Monitoring},
		{"resolve", authz.Command, i.Status.Open()},
		{"close", authz.Command, i.Status == incident.Resolved},
		{"reopen", authz.Command, i.Status == incident.Resolved && !merged},
		{"scope", authz.Command, i.Status != incident.Closed && !merged},
		{"escalate", authz.Escalate, live},
		{"brief", authz.Command, live && i.Declared},
		{"merge", authz.Command, live},
		{"split", authz.Command, live && i.AlertCount > 1},
		{"restrict", authz.Command, !i.Restricted && !merged},
		{"messages", authz.Communicate, !merged},
	} {
		if p.now && authz.Can(a, p.verb, authz.Resource{}) == nil {
			out = append(out, p.action)
		}
	}
	return out
}
