package app

import (
	"context"

	"allclear/internal/edge/api"
	"allclear/internal/edge/authn"
)

// apiOptions are what the native API stands on.
func (s *server) apiOptions(who *authn.Authn) api.Options {
	e := s.engine
	return api.Options{
		Log: s.log, Now: s.time.Now, Authn: who, Access: e.Access, Admin: e.Admin, Procedures: e.Procedures,
		Board: e.Board, Wall: &api.Wall{Key: s.wallKey, URL: s.c.PublicURL}, Command: e.Command, Comms: e.Comms, Subscribe: e.Subscribe, Follow: e.Follow, Consent: e.Consent, Outreach: e.Outreach, Told: e.Told, Intake: e.Intake, Detect: e.Detect, Tickets: e.Tickets, Room: e.Room, Remedy: e.Remedy, Checks: e.Checks, Reach: e.Reach, Lookout: e.Lookout, Rota: e.Rota, Absences: e.Absences, ThirdParty: e.ThirdParty, Inquiry: e.Inquiry, Vault: e.Vault, Partners: e.Partners, Listen: e.Listen, Success: e.Success, Continuity: e.Continuity, Reviews: e.Reviews, Credits: e.Credits, InApp: e.InApp, Changes: s.changes,
		Sources: e.Sources, Audit: e.Audit, AuditKey: s.auditKey,
		PersonName: func(ctx context.Context, person string) string {
			names, err := e.Admin.Names(ctx)
			if err != nil {
				return ""
			}
			return names.People[person]
		},
	}
}
