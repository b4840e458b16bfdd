//go:build !linux

package storetest

import "syscall"

// dieWithParent does nothing where the kernel offers nothing for it: there a
// killed test binary leaves its server behind.
func dieWithParent(*syscall.SysProcAttr) {}

// place is the folder for temporary files.
func place() string { return "" }
