//go:build unix

package execute

import (
	"os/exec"
	"syscall"
	"time"
)

// alone starts the program in a process group of its own, which is ended as one.
func alone(cmd *exec.Cmd) (why string) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		group := -cmd.Process.Pid
		time.AfterFunc(grace, func() { _ = syscall.Kill(group, syscall.SIGKILL) }) // mostly there is nobody left
		return syscall.Kill(group, syscall.SIGTERM)
	}
	return ""
}

// endGroup ends what is left of the group after its first process.
func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
