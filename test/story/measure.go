package story

import (
	"time"

	"allclear/internal/domain/metric"
)

// Measured pushes values of a metric, half a minute apart from now on, and has
// the limits judged after each.
func (w *World) Measured(service, name string, kind metric.Kind, values ...float64) {
	w.Helper()
	for i, v := range values {
		if i > 0 {
			w.After(30 * time.Second)
		}
		w.push(metric.Sample{Service: service, Name: name, Kind: kind, At: w.now, Value: v})
		w.Judged()
	}
}

// push keeps samples as they would have come in.
func (w *World) push(all ...metric.Sample) {
	w.Helper()
	if err := w.e.Detect.Push(w.Context(), all, w.now); err != nil {
		w.Fatalf("%s: push %s: %v", w.Since(), all[0].Name, err)
	}
}

// Judged has the limits judged now, and does what follows.
func (w *World) Judged() {
	w.Helper()
	if err := w.e.Detect.Judge(w.Context(), w.now); err != nil {
		w.Fatalf("%s: judge: %v", w.Since(), err)
	}
	w.tick()
}
