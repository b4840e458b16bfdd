package storetest

import "syscall"

// dieWithParent has the kernel stop the process when this one dies, however
// that happens.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGINT }

const (
	memoryFiles = "/dev/shm"
	roomy       = 4 << 30 // bytes
)

// place is where a cluster lies: in memory where there is room, because a
// database is hundreds of small files, else in the folder for temporary files.
func place() string {
	var f syscall.Statfs_t
	if err := syscall.Statfs(memoryFiles, &f); err != nil || f.Bavail*uint64(f.Bsize) < roomy {
		return ""
	}
	return memoryFiles
}
