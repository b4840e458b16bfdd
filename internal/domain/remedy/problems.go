package remedy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/check"
)

var (
	paramName   = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,39}$`)
	deedName    = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
	commandName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
)

// taken are names that a runner gives meaning to, or that decide how programs find
// and load others.
var taken = []string{"PATH", "HOME", "SHELL", "ENV", "IFS", "RUN", "PLAN_SHA256", "BASH_ENV", "PYTHONPATH", "PERL5LIB", "NODE_OPTIONS", "RUBYOPT"}

func reserved(name string) bool {
	return slices.Contains(taken, name) || strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_") || strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "ALLCLEAR_")
}

// Problems tells add of everything that is wrong with the action.
func (a *Action) Problems(add func(where, format string, args ...any)) {
	if !slices.Contains(Types, string(a.Type)) {
		add("/type", "must be one of %s", strings.Join(Types, ", "))
	}
	if a.Approvals < 0 || a.Approvals > MaxApprovals {
		add("/approvals", "must be 1 or %d, or absent", MaxApprovals)
	}
	between(add, "/timeout", a.Timeout, time.Second, MaxTimeout)
	switch {
	case a.Type != Check && a.Proves != "":
		add("/proves", "only a check says what it proves")
	case a.Type == Check && !slices.Contains(Proofs, a.Proves):
		add("/proves", "must be one of %s", strings.Join(Proofs, ", "))
	}
	a.how(add)
	a.params(add)
}

// how checks that there is one way to run it.
func (a *Action) how(add func(where, format string, args ...any)) {
	n := 0
	for _, has := range []bool{a.Command != "", a.Deed != "", len(a.Steps) > 0, a.Probe != nil, len(a.Guide) > 0 && a.Command == "" && a.Deed == ""} {
		if has {
			n++
		}
	}
	if n != 1 {
		add("/command", "want one way to run it: a command, a deed of an integration, steps, a probe, or a guide for people")
	}
	for where, name := range map[string]string{"/command": a.Command, "/apply": a.Apply, "/verify": a.Verify} {
		if name != "" && !commandName.MatchString(name) {
			add(where, "want the name of a command in the runner's allow-list: small letters, digits, - and _")
		}
	}
	switch {
	case a.Deed == "":
	case !deedName.MatchString(a.Deed):
		add("/deed", "want an integration and what it does, such as cloudflare.point_dns_record")
	case a.Type != Failover && a.Type != Custom:
		add("/deed", "a deed of an integration is of the type %s or %s", Failover, Custom)
	}
	if (a.Type == IACRestore && a.Command != "") != (a.Apply != "") {
		add("/apply", "an %s with a command for the plan has one that applies it, and others have none", IACRestore)
	}
	if a.Command == "" && (a.Verify != "" || a.DryRun) {
		add("/command", "only commands can be verified or run dry")
	}
	if len(a.Steps) > maxSteps || len(a.Guide) > maxSteps {
		add("/steps", "at most %d steps are allowed", maxSteps)
		return
	}
	if a.Lane() == Server && !a.looks() {
		add("/steps", "steps and a probe only look: they are of the types %s, %s and %s", Smoke, Check, Diagnostic)
	}
	for i := range a.Steps {
		own := a.Steps[i].Check(a)
		if a.Steps[i].Name == "" {
			add(fmt.Sprintf("/steps/%d/name", i), "is missing")
		}
		own.Problems(func(where, format string, args ...any) {
			if where == "/target" {
				where = "/url"
			}
			add(fmt.Sprintf("/steps/%d%s", i, where), format, args...)
		})
	}
	for i, g := range a.Guide {
		if strings.TrimSpace(g) == "" || len(g) > maxValue {
			add(fmt.Sprintf("/guide/%d", i), "want a line of up to %d bytes", maxValue)
		}
	}
	if a.Probe != nil {
		a.Probe.problems(a, add)
	}
}

func (p *Probe) problems(a *Action, add func(where, format string, args ...any)) {
	own := p.Check(a)
	own.Problems(func(where, format string, args ...any) {
		add("/probe"+strings.Replace(where, "/target", "/url", 1), format, args...)
	})
	for where, n := range map[string][2]int{"/probe/requests": {p.Requests, maxRequests}, "/probe/concurrency": {p.Concurrency, maxConcurrency}} {
		if n[0] < 1 || n[0] > n[1] {
			add(where, "must be from 1 to %d", n[1])
		}
	}
	if p.Rate < 0 || p.Rate > maxRate {
		add("/probe/rate", "must be from 1 to %d a second, or absent", maxRate)
	}
	if p.Errors < 0 || p.Errors > 100 {
		add("/probe/errors_percent", "must be from 0 to 100")
	}
	between(add, "/probe/p50", p.P50, time.Millisecond, Slowest)
	between(add, "/probe/p95", p.P95, time.Millisecond, Slowest)
}

func (a *Action) params(add func(where, format string, args ...any)) {
	if len(a.Params) > maxParams {
		add("/parameters", "at most %d are allowed", maxParams)
		return
	}
	seen := map[string]bool{}
	for i, p := range a.All() {
		own := i - (len(a.All()) - len(a.Params))
		at := fmt.Sprintf("/parameters/%d", own)
		switch {
		case own < 0:
		case !paramName.MatchString(p.Name) || reserved(p.Name):
			add(at+"/name", "want capital letters, digits and _, and no name that has a meaning to programs, such as PATH")
		case seen[p.Name]:
			add(at+"/name", "%s stands here twice, or comes with the type", p.Name)
		}
		seen[p.Name] = true
		if _, err := regexp.Compile("^(?:" + p.Pattern + ")$"); err != nil || len(p.Pattern) > maxValue {
			add(at+"/pattern", "is no regular expression")
			continue
		}
		if p.Default != "" {
			if why := p.wrong(p.Default); why != "" {
				add(at+"/default", "%s", why)
			}
		}
		for _, c := range p.Choices {
			if (&Param{}).wrong(c) != "" && !strings.HasPrefix(c, "-") || c == "" {
				add(at+"/choices", "%q cannot be chosen", c)
			}
		}
	}
}

func between(add func(where, format string, args ...any), where string, s recur.Span, least, most time.Duration) {
	if !s.IsZero() && (s != (recur.Span{Duration: s.Duration}) || s.Duration < least || s.Duration > most) {
		add(where, "must be a time from %s to %s", least, most)
	}
}

// stepTimeout is how long one step may take to answer.
const stepTimeout = 15 * time.Second

// Check is the step as a check that is made once.
func (s *Step) Check(a *Action) check.Check {
	every := recur.Span{Duration: check.MaxEvery}
	return check.Check{
		ID: a.ID, Service: a.Service, Type: check.HTTP, Target: s.URL, Every: every, Timeout: recur.Span{Duration: stepTimeout},
		Method: s.Method, Headers: s.Headers, Status: s.Status, Has: s.Has, Lacks: s.Lacks,
	}
}

// Check is one of the probe's requests.
func (p *Probe) Check(a *Action) check.Check {
	s := Step{URL: p.URL}
	return s.Check(a)
}
