package comms

import (
	"maps"
	"slices"

	"allclear/internal/base/recur"
	domain "allclear/internal/domain/following"
	"allclear/internal/domain/status"
)

// follow shows what alerts make of components (PLT-SP-AUTO) beside what posts and work
// do, and what a person has set instead of both. It moves no uptime: that is counted
// from what was told.
func (d *drawing) follow(states map[string]domain.State) {
	hands := map[int]status.ComponentStatus{}
	for _, service := range slices.Sorted(maps.Keys(states)) {
		n, ok := d.at[service]
		if !ok {
			continue
		}
		s := states[service]
		x := &d.snap.Components[n]
		state, byHand := s.Status()
		if byHand {
			x.UpdatedAt = recur.Later(x.UpdatedAt, s.Hand.At)
			if old, ok := hands[n]; !ok || state.Rank() > old.Rank() {
				hands[n] = state
			}
			continue
		}
		if state.Rank() > x.Status.Rank() {
			x.Status, x.UpdatedAt = state, recur.Later(x.UpdatedAt, s.Since)
		}
	}
	for n, state := range hands {
		d.snap.Components[n].Status = state
	}
}
