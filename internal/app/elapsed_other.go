//go:build !linux

package app

import "time"

// unsettable returns a clock that nobody can set. Here it stands still while the
// machine sleeps.
func unsettable() func() time.Duration { return monotonic() }
