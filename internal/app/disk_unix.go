//go:build linux || darwin || freebsd

package app

import (
	"syscall"

	"allclear/internal/flow/watch"
)

// diskOf reads the space where a folder is.
func diskOf(dir string) (watch.Disk, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return watch.Disk{}, err
	}
	block := uint64(s.Bsize)                                                        //nolint:unconvert,gosec // the type differs between systems, and a block is never negative
	return watch.Disk{Free: uint64(s.Bavail) * block, Total: s.Blocks * block}, nil //nolint:unconvert // the type differs between systems
}
