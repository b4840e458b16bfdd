package story

import (
	"strings"
	"testing"
	"time"
)

// After two hours in which nothing ran, what has recovered meanwhile pages
// nobody, and each person gets one message about all the rest on a channel (B23,
// R18): the silence of the person paged first has brought the next channel too.
//
// INV-P1, INV-P3
func TestWhatPiledUpIsOneMessageAPerson(t *testing.T) {
	Tell(t, func(w *World) {
		services := []string{"auth", "dashboard", "ingestion", "api", "reporting", "admin"}
		for _, s := range services {
			w.Alert(s, "critical", "Down: "+s)
		}
		w.After(time.Minute)
		w.Phone("secondary").Silent()
		before := w.Phone("primary").Count()
		w.Down(2 * time.Hour)
		for _, s := range services[:2] {
			w.Recovered(s, "Down: "+s) // told by its source before anything else runs
		}
		w.Back()
		w.After(time.Minute)
		for who, got := range map[string][]Sent{"bo": w.Phone("secondary").list, "ana": w.Phone("primary").list[before:]} {
			channels := map[string]bool{}
			for _, m := range got {
				if len(m.Bundled) == 0 || channels[m.Channel] {
					w.Errorf("%s got more than one message on %s: %q", who, m.Channel, m.Text)
				}
				channels[m.Channel] = true
				for i, s := range services {
					if told, want := strings.Contains(m.Text, "Down: "+s), i >= 2; told != want {
						w.Errorf("%s was told of %s: %v, want %v: %q", who, s, told, want, m.Text)
					}
				}
			}
			if len(got) == 0 {
				w.Errorf("%s got nothing", who)
			}
		}
	})
}
