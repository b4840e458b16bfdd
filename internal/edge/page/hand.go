package page

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// byHandTries is how often an update is written anew when the application, which
// lives after all, wrote over it.
const byHandTries = 5

// PostByHand publishes an update into the snapshot file, with neither application
// nor database alive; page servers of the file show it within a second. The
// application takes it over when it returns. It is written again when something
// else wrote the file at the same time; wait is called before it looks.
func PostByHand(dir string, p status.Post, now time.Time, wait func()) (*status.Snapshot, error) {
	p.ByHand = true
	for range byHandTries {
		s, err := Load(dir)
		if err != nil {
			return nil, err
		}
		if has(s, p) {
			return s, nil
		}
		next, err := s.Post(p, now)
		if err != nil {
			return nil, err
		}
		if err := Save(dir, next); err != nil {
			return nil, err
		}
		wait()
	}
	s, err := Load(dir)
	if err == nil && !has(s, p) {
		err = fault.New(fault.Conflict, "the update did not stay: something else keeps writing %s; post it in the application", file(dir))
	}
	return s, err
}

func has(s *status.Snapshot, p status.Post) bool {
	for _, i := range s.Incidents {
		for _, u := range i.Updates {
			if i.ID == p.IncidentID && u.ID == p.UpdateID {
				return true
			}
		}
	}
	return false
}
