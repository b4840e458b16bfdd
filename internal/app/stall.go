//go:build !stall

package app

import (
	"context"
	"time"
)

// stalled is for measuring the watch, in a binary of its own; see stall_on.go.
func stalled(_ context.Context, _ string, beat func(time.Time)) func(time.Time) { return beat }
