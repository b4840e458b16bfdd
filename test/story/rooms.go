package story

import (
	"strings"
	"time"

	"allclear/internal/app"
	"allclear/internal/domain/event"
	"allclear/internal/domain/room"
	"allclear/internal/flow/command"
	flow "allclear/internal/flow/room"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// roomPatience is how long a vendor may take in a story; what hangs there hangs in
// earnest.
const roomPatience = 250 * time.Millisecond

// Sets up a vendor of war rooms: a real plug-in with these settings.
func (w *World) Sets(p plug.Plugin, values map[string]string) any {
	w.Helper()
	reg, err := plug.NewRegistry(p)
	w.must(err)
	v, err := reg.Open(p.Manifest.Name, plugtest.Config(values))
	w.must(err)
	vendor, ok := app.VendorOf(p.Manifest, v)
	if !ok {
		w.Fatalf("%s opens nothing", p.Manifest.Name)
	}
	w.vendors = append(w.vendors, vendor)
	if w.opened == nil {
		w.opened = map[string]any{}
	}
	w.opened[p.Manifest.Name] = v
	w.Restart()
	return v
}

// Rooms is the war room as ana sees it.
func (w *World) Rooms() *flow.View {
	w.Helper()
	v, err := w.e.Room.Show(w.Context(), as("ana"), w.number(), w.now)
	w.must(err)
	return v
}

// Part is the newest part of a kind; nil without one.
func (w *World) Part(k room.Kind) *room.Part {
	w.Helper()
	var out *room.Part
	for _, p := range w.Rooms().Parts {
		if p.Kind == k {
			out = p
		}
	}
	return out
}

// Lines are the entries of a kind on the story's incident that mention a text, as the
// timeline shows them.
func (w *World) Lines(k event.Kind, text string) (out []event.Event) {
	for _, e := range w.log {
		if e.Kind == k && strings.Contains(e.Data.Text, text) {
			out = append(out, e)
		}
	}
	return out
}

// Notes is somebody writing on the timeline.
func (w *World) Notes(who, text string) {
	w.Helper()
	_, err := w.e.Command.Note(w.Context(), as(who), w.number(), command.Remark{Text: text}, w.now)
	w.must(err)
}

// WriteNotes is somebody writing the notes over a version of them.
func (w *World) WriteNotes(who string, over int64, text string) error {
	w.Helper()
	_, err := w.e.Room.WriteNotes(w.Context(), as(who), w.number(), over, text, w.now)
	w.tick()
	return err
}
