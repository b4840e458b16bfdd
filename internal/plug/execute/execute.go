package execute

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
)

// ErrKilled is the cause with which a context ends when somebody wants the run
// ended.
var ErrKilled = errors.New("somebody wants it ended")

// Job is what is to be run.
type Job struct {
	ID       string
	Commands []string // one after the other, while they succeed
	Dry      bool
	Plan     bool // the whole output is hashed
	Values   map[string]string
	Timeout  time.Duration
}

// Executor runs jobs. It is safe for concurrent use.
type Executor struct {
	List *List
	// HTTP makes requests, by the guarded way out.
	HTTP *plug.HTTP
	// Workflow starts a workflow and waits for its end; nil: none can be.
	Workflow func(ctx context.Context, w Workflow, inputs map[string]string, token secret.String, say func(string)) remedy.Result
	// Env reads a variable of the runner's own; nil: there are none.
	Env func(string) (string, bool)
}

// Do runs a job and tells out of what it writes, as it comes. It ends when ctx does,
// with all that it has started.
func (e *Executor) Do(ctx context.Context, j Job, out func(string)) (res remedy.Result) {
	ctx, cancel := context.WithTimeout(ctx, j.Timeout)
	defer cancel()
	hash := sha256.New()
	for _, id := range j.Commands {
		c, ok := e.List.Commands[id]
		if !ok {
			return remedy.Result{State: remedy.Failed, Why: "the allow-list of this runner has no " + id}
		}
		p := &part{Executor: e, id: id, c: c, job: j, out: newCapture(c.Output, e.secrets(&c), out), hash: hash}
		was := res
		res = p.run(ctx)
		p.out.close()
		if res.Ref == "" {
			res.Ref, res.Link = was.Ref, was.Link
		}
		if res.State != remedy.Succeeded {
			return res
		}
	}
	res.PlanHash = ""
	if j.Plan {
		res.PlanHash = hex.EncodeToString(hash.Sum(nil))
	}
	return res
}

// part is one command of a job.
type part struct {
	*Executor
	id   string
	c    Command
	job  Job
	out  *capture
	hash interface{ Write(p []byte) (int, error) }
}

func (p *part) run(ctx context.Context) remedy.Result {
	if p.c.limit > 0 {
		bounded, cancel := context.WithTimeout(ctx, p.c.limit)
		defer cancel()
		ctx = bounded
	}
	if p.job.Dry && len(p.c.DryRun) == 0 && p.c.Git == nil {
		return failed("%s cannot be run dry here: its entry of the allow-list has no dry_run", p.id)
	}
	var res remedy.Result
	switch {
	case p.c.Git != nil:
		res = p.git(ctx)
	case p.c.HTTP != nil:
		res = p.web(ctx)
	case p.c.Workflow != nil:
		res = p.workflow(ctx)
	default:
		res = p.program(ctx)
	}
	if res.State == remedy.Succeeded || ctx.Err() == nil {
		return res
	}
	res.Code = nil
	switch {
	case errors.Is(context.Cause(ctx), ErrKilled):
		res.State, res.Why = remedy.Killed, ""
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		res.State, res.Why = remedy.TimedOut, p.id+" did not end in time: it was killed, with all that it had started"
	default:
		res.State, res.Why = remedy.Killed, "the runner was stopped: "+p.id+" was killed, with all that it had started"
	}
	return res
}

func failed(format string, args ...any) remedy.Result {
	return remedy.Result{State: remedy.Failed, Why: fmt.Sprintf(format, args...)}
}

func (e *Executor) env(name string) (string, bool) {
	if e.Env == nil {
		return "", false
	}
	return e.Env(name)
}

// secrets are the values that are never shown.
func (e *Executor) secrets(c *Command) (out []secret.String) {
	names := c.Secrets
	if c.HTTP != nil {
		names = append(names, c.HTTP.Token)
	}
	if c.Workflow != nil {
		names = append(names, c.Workflow.Token)
	}
	for _, n := range names {
		if v, ok := e.env(n); ok && v != "" {
			out = append(out, secret.String(v))
		}
	}
	return out
}

func (p *part) token(name string) (secret.String, error) {
	v, ok := p.env(name)
	if !ok || v == "" {
		return "", fmt.Errorf("the variable %s, which %s signs in with, is not set", name, p.id)
	}
	return secret.String(v), nil
}

func (p *part) workflow(ctx context.Context) remedy.Result {
	w := p.c.Workflow
	token, err := p.token(w.Token)
	if err != nil || p.Workflow == nil {
		return failed("%s cannot be started here: %v", p.id, err)
	}
	inputs := map[string]string{}
	for k, v := range w.Inputs {
		inputs[k] = fill(v, p.job.Values)
	}
	return p.Executor.Workflow(ctx, *w, inputs, token, p.out.say)
}
