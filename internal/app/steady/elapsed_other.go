//go:build !linux

package steady

import "time"

// Unsettable returns a clock that nobody can set. Here it stands still while the
// machine sleeps.
func Unsettable() func() time.Duration { return monotonic() }
