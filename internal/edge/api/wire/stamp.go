package wire

import "time"

// Stamp says which state of an entity this is.
type Stamp struct {
	Version   int64     `json:"version" doc:"Grows with every change; also the ETag."`
	UpdatedAt time.Time `json:"updated_at"`
}
