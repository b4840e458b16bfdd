package execute

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"time"

	"allclear/internal/domain/remedy"
)

const (
	grace = 2 * time.Second // between asking a program to end and killing it
	hold  = 2 * time.Second // that what a program left behind may hold its output open
)

// path is where programs find others. Nothing else of the runner's environment
// reaches them but what the list passes on.
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// program runs the command's program.
func (p *part) program(ctx context.Context) remedy.Result {
	argv := p.c.Run
	if p.job.Dry {
		argv = p.c.DryRun
	}
	args := make([]string, len(argv)-1)
	for i, a := range argv[1:] {
		args[i] = fill(a, p.job.Values)
	}
	return p.start(ctx, argv[0], args, p.c.Dir, p.environment(), io.MultiWriter(p.out, p.hash))
}

func (p *part) environment() []string {
	env := []string{"PATH=" + path, "LANG=C.UTF-8", "ALLCLEAR_RUN=" + p.job.ID}
	for _, name := range p.c.Pass {
		if v, ok := p.env(name); ok {
			env = append(env, name+"="+v)
		}
	}
	for name, v := range p.c.Env {
		env = append(env, name+"="+fill(v, p.job.Values))
	}
	return env
}

// start runs one program in a group of its own, without a shell and without input.
// When ctx ends it is asked to end, and killed soon after with all that it has
// started; what it leaves behind when it ends goes as well.
func (p *part) start(ctx context.Context, file string, args []string, dir string, env []string, out io.Writer) remedy.Result {
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.Env, cmd.WaitDelay = out, out, dir, env, grace+hold
	if why := alone(cmd); why != "" {
		return failed("%s", why)
	}
	if err := cmd.Start(); err != nil {
		return failed("%s cannot be started: %v", p.id, cause(err))
	}
	ended := make(chan struct{})
	go func() { // what was written shows soon, also while nothing more is
		t := time.NewTicker(soon)
		defer t.Stop()
		for {
			select {
			case <-ended:
				return
			case <-t.C:
				p.out.flush()
			}
		}
	}()
	err := cmd.Wait()
	close(ended)
	endGroup(cmd)
	var code *int
	if s := cmd.ProcessState; s != nil && s.Exited() {
		n := s.ExitCode()
		code = &n
	}
	if err != nil && !(errors.Is(err, exec.ErrWaitDelay) && code != nil && *code == 0) {
		return remedy.Result{State: remedy.Failed, Code: code, Why: p.id + " ended with " + cause(err).Error()}
	}
	return remedy.Result{State: remedy.Succeeded, Code: code}
}

// cause is an error without the path in front.
func cause(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
