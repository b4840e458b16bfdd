package steady

import (
	"time"

	"golang.org/x/sys/unix"
)

// Unsettable returns a clock that nobody can set. It goes on while the machine
// sleeps.
func Unsettable() func() time.Duration {
	read := func() (time.Duration, error) {
		var ts unix.Timespec
		err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
		return time.Duration(ts.Nano()), err
	}
	if _, err := read(); err != nil {
		return monotonic()
	}
	return func() time.Duration {
		d, _ := read() // a clock that can be read once can be read
		return d
	}
}
