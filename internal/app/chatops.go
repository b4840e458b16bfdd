package app

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/chatops"
	"allclear/internal/flow/command"
)

// chatops lets people ask for things in a chat; each flow does its own and authorises.
func (e *Engine) chatops(url string) *chatops.Chatops {
	return chatops.New(e.DB, chatops.Options{
		Catalog: e.Admin.Catalog, Who: e.Room.Who, RoleOf: e.Access.RoleOf, Where: e.Room.Where, First: e.Room.First, URL: url,
		Acts: chatops.Acts{
			Declare: func(ctx context.Context, a authz.Actor, service, title string, s procedure.Severity, now time.Time) (*incident.Incident, error) {
				return e.Command.Declare(ctx, a, command.Declaration{Service: service, Title: title, Severity: s}, now)
			},
			Update: func(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) ([]string, error) {
				m, err := e.Comms.Update(ctx, a, number, message.Content{Text: text}, true, now)
				if err != nil {
					return nil, err
				}
				return m.Channels, nil
			},
			Role: func(ctx context.Context, a authz.Actor, number int64, role, person string, now time.Time) error {
				_, err := e.Command.AssignRole(ctx, a, number, role, person, "", now)
				return err
			},
			Join: func(ctx context.Context, a authz.Actor, number int64, state string, now time.Time) error {
				_, err := e.Command.Respond(ctx, a, number, state, now)
				return err
			},
			Page: func(ctx context.Context, a authz.Actor, number int64, to []string, text string, now time.Time) error {
				_, err := e.Command.Escalate(ctx, a, number, to, text, now)
				return err
			},
			Note: func(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) error {
				_, err := e.Command.Note(ctx, a, number, command.Remark{Text: text}, now)
				return err
			},
			Done: func(ctx context.Context, a authz.Actor, task ident.ID, evidence string, now time.Time) error {
				_, err := e.Command.TaskDone(ctx, a, task, evidence, now)
				return err
			},
			Skip: func(ctx context.Context, a authz.Actor, task ident.ID, reason string, now time.Time) error {
				_, err := e.Command.TaskSkip(ctx, a, task, reason, now)
				return err
			},
			Resolve: func(ctx context.Context, a authz.Actor, number int64, reason string, now time.Time) error {
				_, err := e.Command.Resolve(ctx, a, number, command.Resolution{Reason: reason}, now)
				return err
			},
		},
	})
}
