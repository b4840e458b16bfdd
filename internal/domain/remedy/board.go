package remedy

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Recovery is how the restoring of one service of an incident goes.
type Recovery struct {
	IncidentID ident.ID `json:"-"`
	Service    string   `json:"-"`

	State      Restored  `json:"state"`
	Worker     string    `json:"worker,omitempty"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	RestoredAt time.Time `json:"restored_at,omitzero"`
}

// Restored is how far a service is.
type Restored string

// How far a service can be.
const (
	Down   Restored = "down"
	InWork Restored = "in_work"
	Back   Restored = "restored"
)

// Move notes how far it is and who works on it; started is true when work on it
// begins.
func (c *Recovery) Move(to Restored, worker, by string, now time.Time) (started bool, err error) {
	switch to {
	case Down:
		c.StartedAt, c.RestoredAt, worker = time.Time{}, time.Time{}, ""
	case InWork:
		if worker == "" {
			worker = by
		}
		started = c.State != InWork
		if started {
			c.StartedAt, c.RestoredAt = now, time.Time{}
		}
	case Back:
		if c.State != Back {
			c.RestoredAt = now
		}
		if worker == "" {
			worker = c.Worker
		}
	default:
		return false, fault.New(fault.Invalid, "%q is no state of a service", to).With("state", "down, in_work or restored")
	}
	c.State, c.Worker, c.By, c.At = to, worker, by, now
	return started, nil
}
