//go:build !stall

package app

import "time"

// machineTime is the time of day on this machine.
func machineTime() time.Time { return time.Now() }
