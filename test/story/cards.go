package story

import (
	"context"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/incident"
	"allclear/internal/flow/command"
	"allclear/internal/store"
	"allclear/internal/store/tasks"
)

// The cards of the board, and the commander's briefs.

// Card is somebody adding a task to the board.
func (w *World) Card(by string, c command.Card) (ident.ID, error) {
	w.Helper()
	t, err := w.e.Command.AddTask(w.Context(), as(by), w.number(), c, w.now)
	w.tick()
	if err != nil {
		return 0, err
	}
	return t.ID, nil
}

// Take is somebody saying that they are at a task.
func (w *World) Take(by string, id ident.ID) error {
	w.Helper()
	_, err := w.e.Command.TaskTake(w.Context(), as(by), id, "", w.now)
	w.tick()
	return err
}

// HandOn is somebody giving a task to somebody else.
func (w *World) HandOn(by string, id ident.ID, owner string) error {
	w.Helper()
	_, err := w.e.Command.TaskHand(w.Context(), as(by), id, owner, w.now)
	w.tick()
	return err
}

// Done is somebody ending a task.
func (w *World) Done(by string, id ident.ID, evidence string) {
	w.Helper()
	_, err := w.e.Command.TaskDone(w.Context(), as(by), id, evidence, w.now)
	w.must(err)
	w.tick()
}

// DraftBrief is what the record proposes to tell the executives.
func (w *World) DraftBrief() string {
	w.Helper()
	text, err := w.e.Command.DraftBrief(w.Context(), as("ana"), w.number(), w.now)
	w.must(err)
	return text
}

// Brief is somebody telling the executives where it stands.
func (w *World) Brief(by, text string) error {
	w.Helper()
	return w.act(func(ctx context.Context, n int64) (*incident.Incident, error) {
		return w.e.Command.Brief(ctx, as(by), n, text, w.now)
	})
}

// Lacks asserts that something came and nothing of it has the words.
func (b Box) Lacks(words string) {
	b.w.Helper()
	if len(b.list) == 0 {
		b.w.Error("nothing came at all")
	}
	for _, s := range b.list {
		if strings.Contains(s.Subject+"\n"+s.Text+"\n"+s.HTML, words) {
			b.w.Errorf("%s was told %q", s.Person(), words)
		}
	}
}

// TryClose is somebody ending the incident for good.
func (w *World) TryClose(by string) error {
	w.Helper()
	return w.act(func(ctx context.Context, n int64) (*incident.Incident, error) {
		return w.e.Command.Close(ctx, as(by), n, w.now)
	})
}

// AllTasks are the incident's, in the order they opened.
func (w *World) AllTasks() (out []*checklist.Task) {
	w.Helper()
	inc := w.Incident()
	w.view(func(tx *store.Tx) (err error) {
		out, err = tasks.Of(tx, inc.ID)
		return err
	})
	return out
}
