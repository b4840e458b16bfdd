// Package remedy owns what a runbook action is, who has to agree before it runs,
// and the life of one run: asked for, approved, running, ended, or lost. It must not
// run anything, store anything or know the current time.
package remedy

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"allclear/internal/base/recur"
	"allclear/internal/domain/check"
)

// Type is what an action is for.
type Type string

// The types of an action.
const (
	AppRollback    Type = "app-rollback"
	PointInTime    Type = "db-pitr"
	IACRestore     Type = "iac-restore"
	ConfigRollback Type = "config-rollback"
	Failover       Type = "failover"
	Smoke          Type = "smoke"      // proves that core functions work
	Check          Type = "check"      // proves something else, see Proofs
	Diagnostic     Type = "diagnostic" // looks for the cause, and changes nothing
	Custom         Type = "custom"
)

// Types lists the types.
var Types = []string{string(AppRollback), string(PointInTime), string(IACRestore), string(ConfigRollback), string(Failover), string(Smoke), string(Check), string(Diagnostic), string(Custom)}

// What a check proves.
const (
	Performance = "performance"
	Load        = "load"
	Stress      = "stress"
	Data        = "data"
	Security    = "security" // that nobody has got in; integrations alone do
)

// Proofs lists what a check can prove.
var Proofs = []string{Performance, Load, Stress, Data}

// Action is one thing that can be run in an incident. It says what; how it is done,
// the allow-list of the runner says, which nobody can change from here.
type Action struct {
	ID        string     `json:"id" yaml:"id"`
	Name      string     `json:"name" yaml:"name"`
	Type      Type       `json:"type" yaml:"type"`
	Service   string     `json:"service,omitempty" yaml:"service"` // it helps; none: any
	Text      string     `json:"description,omitempty" yaml:"description"`
	Params    []Param    `json:"parameters,omitempty" yaml:"parameters"`
	DryRun    bool       `json:"dry_run,omitempty" yaml:"dry_run"`     // its commands can say what they would do
	Approvals int        `json:"approvals,omitempty" yaml:"approvals"` // people who must agree; 0: as the type needs
	Timeout   recur.Span `json:"timeout,omitzero" yaml:"timeout"`      // of one run; zero: DefaultTimeout
	Proves    string     `json:"proves,omitempty" yaml:"proves"`       // check: see Proofs
	Clauses   []string   `json:"clauses,omitempty" yaml:"-"`           // of the procedure, beside those of the type: a deed has them

	// One of these says how: a command of the runner's allow-list, a deed of an
	// integration, requests of our own, or people. Restored infrastructure has two
	// commands; people also do a deed whose integration is not set up.
	Deed    string   `json:"deed,omitempty" yaml:"deed"` // such as cloudflare.point_dns_record
	Command string   `json:"command,omitempty" yaml:"command"`
	Apply   string   `json:"apply,omitempty" yaml:"apply"`   // iac-restore: after the plan was approved
	Verify  string   `json:"verify,omitempty" yaml:"verify"` // run after it in the same turn
	Steps   []Step   `json:"steps,omitempty" yaml:"steps"`
	Probe   *Probe   `json:"probe,omitempty" yaml:"probe"`
	Guide   []string `json:"guide,omitempty" yaml:"guide"` // what people do by hand
}

// Param is something a run is told.
type Param struct {
	Name     string   `json:"name" yaml:"name"` // as an environment variable has
	Label    string   `json:"label,omitempty" yaml:"label"`
	Pattern  string   `json:"pattern,omitempty" yaml:"pattern"` // the whole value fits it
	Choices  []string `json:"choices,omitempty" yaml:"choices"`
	Default  string   `json:"default,omitempty" yaml:"default"`
	Required bool     `json:"required,omitempty" yaml:"required"`
}

// Step is a request whose answer must be right.
type Step struct {
	Name    string         `json:"name" yaml:"name"`
	Method  string         `json:"method,omitempty" yaml:"method"` // GET when empty
	URL     string         `json:"url" yaml:"url"`
	Headers []check.Header `json:"headers,omitempty" yaml:"headers"`
	Status  []string       `json:"status,omitempty" yaml:"status"`
	Has     []string       `json:"contains,omitempty" yaml:"contains"`
	Lacks   []string       `json:"not_contains,omitempty" yaml:"not_contains"`
}

// Probe asks one address many times.
type Probe struct {
	URL         string     `json:"url" yaml:"url"`
	Requests    int        `json:"requests" yaml:"requests"`
	Concurrency int        `json:"concurrency" yaml:"concurrency"`
	Rate        int        `json:"rate,omitempty" yaml:"rate"`             // a second; 0: as fast as the answers come
	P50         recur.Span `json:"p50,omitzero" yaml:"p50"`                // half of the answers come within; zero: P95
	P95         recur.Span `json:"p95,omitzero" yaml:"p95"`                // zero: Slowest
	Errors      float64    `json:"errors_percent,omitempty" yaml:"errors"` // answers that may be wrong
}

// Limits. Slowest is what the procedure calls an acceptable response time at most
// (RES-VAL-PERF).
const (
	Slowest        = 5 * time.Second
	DefaultTimeout = 10 * time.Minute
	MaxTimeout     = 4 * time.Hour
	MaxApprovals   = 2
	maxParams      = 20
	maxSteps       = 50
	maxValue       = 1000
	maxRequests    = 20_000
	maxConcurrency = 200
	maxRate        = 1000
)

// Limit is how long a run may take.
func (a *Action) Limit() time.Duration {
	return min(cmp.Or(a.Timeout.Elapsed(), DefaultTimeout), MaxTimeout)
}

// Needs is how many people must agree before it runs. What only looks needs nobody,
// a stress of production and whatever changes something needs one, and a database
// that is set back two.
func (a *Action) Needs() int {
	least := 1
	switch {
	case a.Type == PointInTime:
		least = 2
	case a.looks() && a.Proves != Stress:
		least = 0
	}
	return max(least, a.Approvals)
}

func (a *Action) looks() bool { return a.Type == Smoke || a.Type == Check || a.Type == Diagnostic }

// Lane is who runs it.
type Lane string

// The lanes.
const (
	Runner Lane = "runner" // a process with an allow-list
	Vendor Lane = "vendor" // an integration asks its vendor
	Server Lane = "server" // requests of our own
	Hand   Lane = "hand"   // people
)

// Lane is who runs the action.
func (a *Action) Lane() Lane {
	switch {
	case a.Command != "":
		return Runner
	case a.Deed != "":
		return Vendor
	case len(a.Steps) > 0 || a.Probe != nil:
		return Server
	}
	return Hand
}

// Moment is what a success of it proves; empty: nothing.
func (a *Action) Moment() string {
	if a.Type == Smoke {
		return "smoke_passed"
	}
	return map[string]string{Performance: "performance_proven", Load: "load_tested", Stress: "stress_tested", Data: "data_validated"}[a.Proves]
}

// Names of parameters that types bring with them.
const (
	TargetTime = "TARGET_TIME"
	Commit     = "COMMIT"
	GitRef     = "REF"
)

// All are its parameters, those of its type first.
func (a *Action) All() []Param {
	var own []Param
	switch a.Type {
	case PointInTime:
		own = []Param{{Name: TargetTime, Label: "Set the database back to", Required: true}}
	case ConfigRollback:
		own = []Param{{Name: Commit, Label: "Commit to take back", Pattern: "[0-9a-f]{7,64}", Required: true}}
	case IACRestore:
		own = []Param{{Name: GitRef, Label: "State to restore: branch, tag or commit", Pattern: `[A-Za-z0-9][A-Za-z0-9_/-]*(\.[A-Za-z0-9_/-]+)*`, Required: true}}
	case AppRollback, Failover, Smoke, Check, Diagnostic, Custom:
	}
	return append(own, a.Params...)
}

// Values checks what a run is told and fills in what it is not. problem says what is
// wrong with one of them. Nothing here quotes or strips: a value is passed on as it
// is, as one whole argument, or refused.
func (a *Action) Values(given map[string]string, now time.Time, problem func(name, why string)) map[string]string {
	out := map[string]string{}
	all := a.All()
	for name := range given {
		if !slices.ContainsFunc(all, func(p Param) bool { return p.Name == name }) {
			problem(name, "the action has no such parameter")
		}
	}
	for _, p := range all {
		v := given[p.Name]
		if v == "" {
			v = p.Default
		}
		if v == "" {
			if p.Required {
				problem(p.Name, "is missing")
			}
			continue
		}
		if a.Type == PointInTime && p.Name == TargetTime {
			at, err := time.Parse(time.RFC3339, v)
			if err != nil || at.After(now) {
				problem(p.Name, "must be an instant of the past such as 2026-03-02T02:59:00Z")
				continue
			}
			v = at.UTC().Format(time.RFC3339)
		}
		if why := p.wrong(v); why != "" {
			problem(p.Name, why)
			continue
		}
		out[p.Name] = v
	}
	return out
}

func (p *Param) wrong(v string) string {
	switch {
	case len(v) > maxValue:
		return "is longer than 1000 bytes"
	case strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
		return "has characters that cannot be shown"
	case len(p.Choices) > 0:
		if !slices.Contains(p.Choices, v) {
			return "must be one of " + strings.Join(p.Choices, ", ")
		}
		return ""
	case strings.HasPrefix(v, "-"):
		return "must not begin with a dash: a program would take it for an option"
	case p.Pattern != "":
		if re, err := regexp.Compile("^(?:" + p.Pattern + ")$"); err != nil || !re.MatchString(v) {
			return "must fit " + p.Pattern
		}
	}
	return ""
}
