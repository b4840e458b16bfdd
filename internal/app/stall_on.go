//go:build stall

package app

import (
	"context"
	"os"
	"strings"
	"time"
)

// stalled makes a loop stand still as soon as the file that ALLCLEAR_STALL names
// holds the loop's name. It is only in binaries built with the tag `stall`.
func stalled(ctx context.Context, name string, beat func(time.Time)) func(time.Time) {
	file := os.Getenv("ALLCLEAR_STALL")
	return func(now time.Time) {
		if b, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(b)) == name {
			<-ctx.Done()
		}
		beat(now)
	}
}
