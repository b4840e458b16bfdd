package story

import (
	"allclear/internal/domain/following"
	"allclear/internal/domain/status"
)

// Component asserts what the status page shows for the component of a service.
func (w *World) Component(service string, want status.ComponentStatus) {
	w.Helper()
	_, all, err := w.e.Follow.Now(w.Context(), boss)
	w.must(err)
	for _, c := range all {
		for _, x := range w.StatusPage().Components {
			if c.Service == service && x.Name == c.Name && x.Status != want {
				w.Errorf("at %s the component of %s is %s, want %s", w.Since(), service, x.Status, want)
			}
		}
	}
}

// FollowRules sets how components follow alerts.
func (w *World) FollowRules(r following.Rules) {
	w.Helper()
	w.must(w.e.Follow.SetRules(w.Context(), boss, r, w.now))
}

// ApproveComponent is somebody approving what alerts propose.
func (w *World) ApproveComponent(who, service string) {
	w.Helper()
	w.must(w.e.Follow.Answer(w.Context(), as(who), service, true, w.now))
}

// SetComponent is somebody setting a component by hand.
func (w *World) SetComponent(who, service string, to status.ComponentStatus) {
	w.Helper()
	w.must(w.e.Follow.Set(w.Context(), as(who), service, to, "seen by hand", w.now))
}

// ReleaseComponent is somebody letting it follow again.
func (w *World) ReleaseComponent(who, service string) {
	w.Helper()
	w.must(w.e.Follow.Release(w.Context(), as(who), service, w.now))
}
