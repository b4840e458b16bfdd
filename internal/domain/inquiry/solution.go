package inquiry

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Solution is something that could be done about an incident (INV-SOL-OPTIONS).
type Solution struct {
	Stamp
	Sort        string `json:"sort"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Like        int64  `json:"like,omitempty"` // number of the incident in which it helped
	State       string `json:"state"`
	Risk        *Risk  `json:"risk,omitempty"`
	Test        *Test  `json:"test,omitempty"`
	Plan        *Plan  `json:"plan,omitempty"`

	JudgedBy  string    `json:"judged_by,omitempty"` // who approved or rejected it
	JudgedAt  time.Time `json:"judged_at,omitzero"`
	Reason    string    `json:"reason,omitempty"` // of the rejection
	AppliedBy string    `json:"applied_by,omitempty"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
	Outcome   string    `json:"outcome,omitempty"` // what came of it
}

// The sorts of a solution.
const (
	Fix        = "fix"
	Workaround = "workaround"
)

// The states of a solution.
const (
	Proposed = "proposed"
	Approved = "approved"
	Rejected = "rejected"
	Applied  = "applied"
)

// Risk is what could go wrong (INV-SOL-RISK).
type Risk struct {
	Likelihood    string    `json:"likelihood"`
	Impact        string    `json:"impact"`
	BlastRadius   string    `json:"blast_radius"`
	Reversibility string    `json:"reversibility"`
	Note          string    `json:"note,omitempty"`
	By            string    `json:"by"`
	At            time.Time `json:"at"`
}

// Levels of likelihood and impact, and how hard it is to go back.
var (
	Levels          = []string{"low", "medium", "high"}
	Reversibilities = []string{"easy", "hard", "none"}
)

// Test is how it was tried outside production, or who did without and why
// (INV-SOL-TEST).
type Test struct {
	Result      string    `json:"result"`
	Environment string    `json:"environment,omitempty"`
	Evidence    Proof     `json:"evidence,omitzero"`
	Reason      string    `json:"reason,omitempty"` // of a waiver
	By          string    `json:"by"`
	At          time.Time `json:"at"`
}

// The results of a test.
const (
	Passed = "passed"
	Failed = "failed"
	Waived = "waived"
)

// Plan is how it is put in and taken back (INV-SOL-PLAN).
type Plan struct {
	Owner    string    `json:"owner"` // person:ID or team:ID
	Steps    []Step    `json:"steps"`
	Rollback []string  `json:"rollback"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Step is one step of a plan.
type Step struct {
	Text  string `json:"text"`
	Owner string `json:"owner,omitempty"` // empty: the plan's
}

// Check says what is wrong with a new one.
func (s *Solution) Check() error {
	var b bad
	b.oneOf("sort", s.Sort, Fix, Workaround)
	b.text("title", s.Title, maxLine, "say in one line what could be done")
	b.text("description", s.Description, maxText, "")
	return b.result()
}

// open refuses changes of one that is decided; a rejected one may be worked over.
func (s *Solution) open() error {
	if s.State == Approved || s.State == Applied {
		return fault.New(fault.Conflict, "the solution is %s: what was approved stays as it is. Propose another", s.State)
	}
	return nil
}

// Assess sets the risk.
func (s *Solution) Assess(r Risk) error {
	if err := s.open(); err != nil {
		return err
	}
	var b bad
	b.oneOf("likelihood", r.Likelihood, Levels...)
	b.oneOf("impact", r.Impact, Levels...)
	b.oneOf("reversibility", r.Reversibility, Reversibilities...)
	b.text("blast_radius", r.BlastRadius, maxLine, "say what else it could hit")
	b.text("note", r.Note, maxText, "")
	if err := b.result(); err != nil {
		return err
	}
	s.Risk, s.State = &r, Proposed
	return nil
}

// Try sets what came of a test. A waiver is the commander's, and has a reason.
func (s *Solution) Try(t Test) error {
	if err := s.open(); err != nil {
		return err
	}
	var b bad
	b.oneOf("result", t.Result, Passed, Failed, Waived)
	if t.Result == Waived {
		b.text("reason", t.Reason, maxText, "say why it is put in untested")
	} else {
		b.text("environment", t.Environment, maxLine, "say where it was tested, such as staging")
		b.proof("evidence.", &t.Evidence, "")
	}
	if err := b.result(); err != nil {
		return err
	}
	s.Test, s.State = &t, Proposed
	return nil
}

// Prepare sets the plan. There is none without a way back.
func (s *Solution) Prepare(p Plan, owns func(string) bool) error {
	if err := s.open(); err != nil {
		return err
	}
	var b bad
	if !owns(p.Owner) {
		b.add("owner", "want person:ID or team:ID of the catalogue")
	}
	switch {
	case len(p.Steps) == 0:
		b.add("steps", "say what is done, step by step")
	case len(p.Steps) > maxSteps:
		b.add("steps", "at most %d", maxSteps)
	}
	for i, st := range p.Steps {
		b.text(indexed("steps", i)+".text", st.Text, maxText, "say what is done")
		if st.Owner != "" && !owns(st.Owner) {
			b.add(indexed("steps", i)+".owner", "want person:ID or team:ID of the catalogue")
		}
	}
	switch {
	case len(p.Rollback) == 0:
		b.add("rollback", "say how it is taken back: there is no plan without a way back")
	case len(p.Rollback) > maxSteps:
		b.add("rollback", "at most %d", maxSteps)
	}
	for i, r := range p.Rollback {
		b.text(indexed("rollback", i), r, maxText, "say what is done")
	}
	if err := b.result(); err != nil {
		return err
	}
	s.Plan, s.State = &p, Proposed
	return nil
}

// Missing lists what an approval waits for.
func (s *Solution) Missing() (out []fault.Detail) {
	if s.Risk == nil {
		out = append(out, fault.Detail{Where: "risk", What: "assess the risk first"})
	}
	if s.Plan == nil || len(s.Plan.Rollback) == 0 {
		out = append(out, fault.Detail{Where: "plan", What: "write the plan first, with a way back"})
	}
	switch {
	case s.Test == nil:
		out = append(out, fault.Detail{Where: "test", What: "test it outside production, or have the commander waive that with a reason"})
	case s.Test.Result == Failed:
		out = append(out, fault.Detail{Where: "test", What: "the test failed"})
	}
	return out
}

// Approve lets it be put in: none without a risk, a way back, and a test or its
// waiver.
func (s *Solution) Approve(by string, now time.Time) error {
	if err := s.open(); err != nil {
		return err
	}
	if missing := s.Missing(); len(missing) > 0 {
		return &fault.Error{Kind: fault.Conflict, Message: "the solution cannot be approved yet", Details: missing}
	}
	s.State, s.JudgedBy, s.JudgedAt, s.Reason = Approved, by, now, ""
	return nil
}

// Reject says that it is not to be put in.
func (s *Solution) Reject(by, reason string, now time.Time) error {
	if s.State == Applied {
		return fault.New(fault.Conflict, "the solution has been applied")
	}
	var b bad
	b.text("reason", reason, maxText, "say why it is not to be put in")
	if err := b.result(); err != nil {
		return err
	}
	s.State, s.JudgedBy, s.JudgedAt, s.Reason = Rejected, by, now, reason
	return nil
}

// Apply notes that it was put in, and what came of it. None is put in that nobody
// approved (WAR-TL-DECIDE).
func (s *Solution) Apply(by, outcome string, now time.Time) error {
	if s.State != Approved {
		return fault.New(fault.Conflict, "the solution is %s: the technical lead or the commander approves it before it is put in", s.State)
	}
	var b bad
	b.text("outcome", outcome, maxText, "")
	if err := b.result(); err != nil {
		return err
	}
	s.State, s.AppliedBy, s.AppliedAt, s.Outcome = Applied, by, now, outcome
	return nil
}

// Assessed reports whether there is an option, and none that is still in play lacks
// its risk.
func Assessed(all []*Solution) bool {
	some := false
	for _, s := range all {
		if s.State == Rejected {
			continue
		}
		if s.Risk == nil {
			return false
		}
		some = true
	}
	return some
}

func indexed(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }

// Finding is what an examination came to (INV-RCA-REPRO, INV-RCA-SEC).
type Finding struct {
	Stamp
	About       string `json:"about"`
	Result      string `json:"result"`
	Environment string `json:"environment,omitempty"` // of a reproduction: where
	Evidence    Proof  `json:"evidence,omitzero"`
}

// What is examined.
const (
	Reproduction = "reproduction"
	Security     = "security"
	Database     = "database"
)

// Threat is the finding that makes an incident one of security.
const Threat = "threat"

// Results are what an examination can come to.
var Results = map[string][]string{
	Reproduction: {"reproduced", "not_reproduced", "not_possible"},
	Security:     {"no_threat", Threat},
	Database:     {"cause", "no_cause"},
}

// Check says what is wrong with it.
func (f *Finding) Check() error {
	var b bad
	b.oneOf("about", f.About, Reproduction, Security, Database)
	if all, ok := Results[f.About]; ok {
		b.oneOf("result", f.Result, all...)
	}
	what := "say what was looked at, and what was found"
	switch {
	case f.Result == "not_possible":
		what = "say why it is not possible"
	case f.About == Reproduction:
		what = ""
		b.text("environment", f.Environment, maxURL, "say where it was tried: a link or a name")
	}
	b.proof("", &f.Evidence, what)
	return b.result()
}

// Sentence is the finding in words.
func (f *Finding) Sentence() string {
	out := strings.ToUpper(f.About[:1]) + f.About[1:] + ": " + word(f.Result)
	if f.Environment != "" {
		out += " in " + f.Environment
	}
	if f.Evidence.Text != "" {
		out += ". " + f.Evidence.Text
	}
	return out
}
