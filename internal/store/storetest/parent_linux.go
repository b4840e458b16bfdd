package storetest

import "syscall"

// dieWithParent has the kernel stop the process when this one dies, however
// that happens.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGINT }
