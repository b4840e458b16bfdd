package execute

import (
	"bytes"
	"context"
	"io"
	"net/mail"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"allclear/internal/domain/remedy"
)

var commitID = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// git takes a commit of a repository back with a commit that undoes it, and pushes
// that: nothing that was pushed is rewritten (RES-RB-CFG). A dry run shows what the
// push would bring.
func (p *part) git(ctx context.Context) remedy.Result {
	commit := p.job.Values[remedy.Commit]
	if !commitID.MatchString(commit) {
		return failed("%q is no id of a commit", commit)
	}
	binary, err := exec.LookPath("git")
	if err != nil {
		return failed("git is not installed here")
	}
	dir, err := os.MkdirTemp("", "allclear-git-")
	if err != nil {
		return failed("make a folder: %v", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	g := &repository{part: p, binary: binary, dir: dir, env: p.gitEnvironment()}
	c := p.c.Git
	if res := g.do(ctx, "clone", "--quiet", "--single-branch", "--branch", c.Branch, "--", c.Remote, dir); res.State != remedy.Succeeded {
		return res
	}
	whole, res := g.ask(ctx, "rev-parse", "--verify", "--quiet", commit+"^{commit}")
	if res.State != remedy.Succeeded {
		return failed("%s has no commit %s", c.Branch, commit)
	}
	if res := g.do(ctx, "merge-base", "--is-ancestor", whole, "HEAD"); res.State != remedy.Succeeded {
		return failed("the commit %s is not part of %s", commit, c.Branch)
	}
	parents, res := g.ask(ctx, "rev-list", "--parents", "-n", "1", whole)
	if res.State != remedy.Succeeded {
		return res
	}
	revert := []string{"revert", "--no-edit"}
	const merged = 3 // the commit itself and two parents
	if len(strings.Fields(parents)) >= merged {
		revert = append(revert, "-m", "1")
	}
	if res := g.do(ctx, append(revert, whole)...); res.State != remedy.Succeeded {
		res.Why = "the commit cannot be taken back by itself: what came after it changed the same lines"
		return res
	}
	if res := g.do(ctx, "show", "--stat", "--format=%s%n", "HEAD"); res.State != remedy.Succeeded || p.job.Dry {
		return res
	}
	made, res := g.ask(ctx, "rev-parse", "HEAD")
	if res.State != remedy.Succeeded {
		return res
	}
	if res := g.do(ctx, "push", "--quiet", "origin", "HEAD:refs/heads/"+c.Branch); res.State != remedy.Succeeded {
		return res
	}
	p.out.say("pushed " + made + " to " + c.Branch)
	res = remedy.Result{State: remedy.Succeeded, Code: res.Code, Ref: made}
	if c.Link != "" {
		res.Link = strings.TrimRight(c.Link, "/") + "/" + made
	}
	return res
}

func (p *part) gitEnvironment() []string {
	who := &mail.Address{Name: "Allclear", Address: "allclear@localhost"}
	if a, err := mail.ParseAddress(p.c.Git.Author); err == nil {
		who = a
	}
	return append(p.environment(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_ALLOW_PROTOCOL=file:https:ssh", "GIT_EDITOR=true",
		"GIT_AUTHOR_NAME="+who.Name, "GIT_AUTHOR_EMAIL="+who.Address, "GIT_COMMITTER_NAME="+who.Name, "GIT_COMMITTER_EMAIL="+who.Address)
}

// repository is a clone that is thrown away.
type repository struct {
	*part
	binary, dir string
	env         []string
}

func (g *repository) do(ctx context.Context, args ...string) remedy.Result {
	return g.run(ctx, g.out, args)
}

// ask returns what git answers.
func (g *repository) ask(ctx context.Context, args ...string) (string, remedy.Result) {
	var b bytes.Buffer
	res := g.run(ctx, &b, args)
	return strings.TrimSpace(b.String()), res
}

// run runs git; no hook of the repository is run.
func (g *repository) run(ctx context.Context, out io.Writer, args []string) remedy.Result {
	return g.start(ctx, g.binary, append([]string{"-c", "core.hooksPath=" + os.DevNull}, args...), g.dir, g.env, out)
}
