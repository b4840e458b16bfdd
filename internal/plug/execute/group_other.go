//go:build !unix

package execute

import "os/exec"

// alone refuses where a program cannot be ended with all that it has started.
func alone(*exec.Cmd) (why string) {
	return "programs are not run on this system: a hung one could not be ended with all that it started"
}

func endGroup(*exec.Cmd) {}
