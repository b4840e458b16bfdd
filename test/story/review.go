package story

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/inquiry"
	"allclear/internal/flow/review"
)

// What people do after the all-clear: the review, and what follows from it.

// LooksBack is somebody doing something to the review of the incident.
func (w *World) LooksBack(who string, do func(ctx context.Context, r *review.Reviews, a authz.Actor, number int64, now time.Time) error) error {
	w.Helper()
	err := do(w.Context(), w.e.Reviews, as(who), w.number(), w.now)
	w.tick()
	return err
}

// Review is the review of the incident, as ana sees it.
func (w *World) Review() review.Whole {
	w.Helper()
	got, err := w.e.Reviews.Of(w.Context(), as("ana"), w.number(), w.now)
	if err != nil {
		w.Fatalf("at %s: read the review: %v", w.Since(), err)
	}
	return got
}

// NoReview fails when the incident has a review.
func (w *World) NoReview() {
	w.Helper()
	if _, err := w.e.Reviews.Of(w.Context(), as("ana"), w.number(), w.now); err == nil {
		w.Errorf("at %s: there is a review", w.Since())
	}
}

// Close is ana closing the incident.
func (w *World) Close() error {
	w.Helper()
	_, err := w.e.Command.Close(w.Context(), as("ana"), w.number(), w.now)
	w.tick()
	return err
}

// Does is somebody ending a task; a reason says why it does not apply.
func (w *World) Does(who string, t *checklist.Task, evidence, reason string) error {
	w.Helper()
	var err error
	if reason != "" {
		_, err = w.e.Command.TaskSkip(w.Context(), as(who), t.ID, reason, w.now)
	} else {
		_, err = w.e.Command.TaskDone(w.Context(), as(who), t.ID, evidence, w.now)
	}
	w.tick()
	return err
}

// Acts is somebody making an action item of the incident.
func (w *World) Acts(who string, n review.NewAction) (*action.Item, error) {
	w.Helper()
	n.Incident = w.number()
	i, err := w.e.Reviews.Act(w.Context(), as(who), n, w.now)
	w.tick()
	return i, err
}

// OnAction is somebody doing something to an action item.
func (w *World) OnAction(who string, id ident.ID, do func(ctx context.Context, r *review.Reviews, a authz.Actor, id ident.ID, now time.Time) (*action.Item, error)) error {
	w.Helper()
	_, err := do(w.Context(), w.e.Reviews, as(who), id, w.now)
	w.tick()
	return err
}

// Due is an instant so long from the beginning of the story.
func (w *World) Due(offset time.Duration) time.Time { return w.start.Add(offset) }

// Recorded is how many entries the record of the incident has.
func (w *World) Recorded() (n int) {
	w.Helper()
	id := w.Incident().ID
	for _, e := range w.log {
		if e.IncidentID == id {
			n++
		}
	}
	return n
}

// Decides is somebody writing down a decision with its reason.
func (w *World) Decides(who, question, choice, reason string) {
	w.Helper()
	_, err := w.e.Inquiry.Decide(w.Context(), as(who), w.number(), inquiry.Decision{Sort: inquiry.Command, Question: question, Options: []string{choice, "wait"}, Choice: choice, Rationale: reason}, w.now)
	w.must(err)
}
