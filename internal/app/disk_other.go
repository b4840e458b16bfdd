//go:build !linux && !darwin && !freebsd

package app

import (
	"errors"

	"allclear/internal/flow/watch"
)

// diskOf cannot tell here; the watch says so.
func diskOf(string) (watch.Disk, error) {
	return watch.Disk{}, errors.New("this system does not tell how full its disks are")
}
