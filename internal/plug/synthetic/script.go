package synthetic

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"allclear/internal/domain/check"
)

const (
	maxOutput = 64 << 10        // of each stream; more is left out
	hold      = 2 * time.Second // that what a script left behind may hold its output open
)

// scriptPath is where scripts find programs. Nothing else of the server's
// environment reaches them: it holds secrets.
const scriptPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// script runs a program of the scripts folder: no shell, no path, no argument that
// the check does not name. When its time is over it is killed with all that it has
// started; what it leaves behind when it ends goes as well.
func (p *Prober) script(ctx context.Context, c *check.Check) check.Result {
	switch {
	case p.o.Scripts == "":
		return check.Result{Idle: true, Why: "scripts are not run here: start with --scripts and the folder that holds them"}
	case !check.FileName(c.Target):
		return check.Result{Idle: true, Why: "a script is named by its file alone, without a path"}
	}
	file := filepath.Join(p.o.Scripts, c.Target)
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return check.Result{Idle: true, Why: "there is no file " + c.Target + " in the scripts folder"}
	}
	cmd := exec.CommandContext(ctx, file, c.Args...)
	var out, err bounded
	cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.WaitDelay = &out, &err, p.o.Scripts, hold
	cmd.Env = []string{"PATH=" + scriptPath, "LANG=C.UTF-8", "ALLCLEAR_CHECK=" + c.ID, "ALLCLEAR_SERVICE=" + c.Service}
	if why := alone(cmd); why != "" {
		return check.Result{Idle: true, Why: why}
	}
	if fail := cmd.Start(); fail != nil {
		return check.Result{Idle: true, Why: c.Target + " cannot be started: " + cause(fail)}
	}
	fail := cmd.Wait()
	endGroup(cmd)
	switch {
	case ctx.Err() != nil:
		return down("%s did not end within %s: it was killed, with all that it had started", c.Target, c.Limit())
	case fail != nil && !errors.Is(fail, exec.ErrWaitDelay):
		return down("%s", strings.TrimSuffix(c.Target+" ended with "+cause(fail)+": "+lastLine(err.String()), ": "))
	case out.cut:
		return down("%s writes more than %d bytes: its values are not used", c.Target, maxOutput)
	}
	samples, bad := check.Output(out.String())
	if bad != nil {
		return down("%s: %s", c.Target, bad)
	}
	return check.Result{Up: true, Samples: samples}
}

// cause is an error without the path in front.
func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	line := []rune(strings.TrimSpace(strings.ToValidUTF8(lines[len(lines)-1], "")))
	const most = 200
	return string(line[:min(len(line), most)])
}

// bounded keeps the beginning of what is written to it and takes the rest, so that
// the writer does not wait.
type bounded struct {
	kept bytes.Buffer // not embedded: its ReadFrom knows no bounds
	cut  bool
}

func (b *bounded) String() string { return b.kept.String() }

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if room := maxOutput - b.kept.Len(); len(p) > room {
		b.cut = true
		b.kept.Write(p[:max(room, 0)])
		return len(p), nil
	}
	return b.kept.Write(p)
}
