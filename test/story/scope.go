package story

import (
	"context"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
)

// What people say an incident touches, and its return.

func (w *World) act(do func(ctx context.Context, number int64) (*incident.Incident, error)) error {
	w.Helper()
	_, err := do(w.Context(), w.number())
	w.tick()
	return err
}

// Scope is ana saying what the incident touches.
func (w *World) Scope(n command.NewScope) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.SetScope(ctx, as("ana"), k, n, w.now)
	})
}

// SetFact is somebody saying that the incident is extended, or a matter for regulators.
func (w *World) SetFact(by, fact, reason string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.SetFact(ctx, as(by), k, fact, reason, w.now)
	})
}

// Consequence is ana saying what it means for the business.
func (w *World) Consequence(text string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.Consequence(ctx, as("ana"), k, text, w.now)
	})
}

// Findings is ana noting the first findings.
func (w *World) Findings(text string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.Note(ctx, as("ana"), k, command.Remark{Text: text, Findings: true}, w.now)
	})
}

// HandOver is somebody giving a role to somebody with what the next must know.
func (w *World) HandOver(by, role, person, text string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.AssignRole(ctx, as(by), k, role, person, text, w.now)
	})
}

// TryPage is somebody calling somebody, where a refusal is part of the story.
func (w *World) TryPage(by, target, text string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.Escalate(ctx, as(by), k, []string{target}, text, w.now)
	})
}

// Reopen is ana taking the resolution back.
func (w *World) Reopen(reason string) error {
	w.Helper()
	return w.act(func(ctx context.Context, k int64) (*incident.Incident, error) {
		return w.e.Command.Reopen(ctx, as("ana"), k, reason, w.now)
	})
}

// Impact is what the incident means, as the board computes it.
func (w *World) Impact() board.Impact {
	w.Helper()
	i, err := w.e.Board.Impact(w.Context(), boss, w.number(), w.now)
	w.must(err)
	return i
}

// StatusURL is where the status page stands.
const StatusURL = "https://status.example"

// Tell is somebody writing and approving a message on the channels.
func (w *World) Tell(by, audience string, channels []string, text string) error {
	w.Helper()
	_, err := w.e.Comms.Update(w.Context(), as(by), w.number(), message.Content{Audience: audience, Channels: channels, Text: text}, true, w.now)
	w.tick()
	return err
}
