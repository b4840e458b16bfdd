//go:build unix

package synthetic

import (
	"os/exec"
	"syscall"
)

// alone starts the program in a process group of its own, which is killed as one.
func alone(cmd *exec.Cmd) (why string) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return ""
}

// endGroup ends what is left of the group after its first process.
func endGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // mostly there is nobody left
}
