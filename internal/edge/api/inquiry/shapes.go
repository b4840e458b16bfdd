package inquiry

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/inquiry"
)

// InquiryFile is everything that was written down about the cause of an incident.
type InquiryFile struct {
	Hypotheses  []Hypothesis      `json:"hypotheses"`
	Decisions   []InquiryDecision `json:"decisions"`
	Workstreams []Workstream      `json:"workstreams"`
	Solutions   []SolutionOption  `json:"solutions"`
	Findings    []InquiryFinding  `json:"findings"`
	Updates     []TechnicalUpdate `json:"updates"`
	Probes      []NetworkProbe    `json:"probes"`
}

// Proof is what speaks for something.
type Proof struct {
	Text  string      `json:"text,omitempty" maxLength:"10000"`
	Links []ProofLink `json:"links,omitempty" maxItems:"20"`
	Files []string    `json:"files,omitempty" maxItems:"20" doc:"Ids of evidence of the same incident."`
}

// ProofLink leads to something that speaks for an entry.
type ProofLink struct {
	Label string `json:"label,omitempty" maxLength:"500"`
	URL   string `json:"url" maxLength:"2000"`
}

// Hypothesis is a possible cause.
type Hypothesis struct {
	ID       string        `json:"id"`
	Parent   string        `json:"parent,omitempty" doc:"The hypothesis it explains."`
	Text     string        `json:"text"`
	State    string        `json:"state" enum:"open,confirmed,ruled_out"`
	Evidence Proof         `json:"evidence" doc:"For the state."`
	By       record.Named  `json:"by"`
	At       time.Time     `json:"at"`
	JudgedBy *record.Named `json:"judged_by,omitempty"`
	JudgedAt time.Time     `json:"judged_at,omitzero"`
}

// InquiryDecision is a choice and why it was made.
type InquiryDecision struct {
	ID        string       `json:"id"`
	Sort      string       `json:"sort" enum:"command,technical"`
	Question  string       `json:"question"`
	Options   []string     `json:"options"`
	Choice    string       `json:"choice"`
	Rationale string       `json:"rationale"`
	MadeBy    record.Named `json:"made_by"`
	MadeAt    time.Time    `json:"made_at"`
	By        record.Named `json:"by" doc:"Who wrote it down."`
	At        time.Time    `json:"at"`
}

// Workstream is a part of the work with one owner.
type Workstream struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Owner     string       `json:"owner" example:"team:platform"`
	State     string       `json:"state" enum:"planned,running,blocked,done"`
	Note      string       `json:"note,omitempty"`
	By        record.Named `json:"by"`
	At        time.Time    `json:"at"`
	ChangedAt time.Time    `json:"changed_at,omitzero"`
}

// SolutionOption is something that could be done.
type SolutionOption struct {
	ID          string           `json:"id"`
	Sort        string           `json:"sort" enum:"fix,workaround"`
	Title       string           `json:"title"`
	Description string           `json:"description,omitempty"`
	Like        int64            `json:"like,omitempty" doc:"Number of the incident in which it helped."`
	State       string           `json:"state" enum:"proposed,approved,rejected,applied"`
	Missing     []MissingPart    `json:"missing" doc:"What an approval waits for."`
	Risk        *SolutionRisk    `json:"risk,omitempty"`
	Test        *SolutionTest    `json:"test,omitempty"`
	Plan        *RemediationPlan `json:"plan,omitempty"`
	By          record.Named     `json:"by"`
	At          time.Time        `json:"at"`
	JudgedBy    *record.Named    `json:"judged_by,omitempty" doc:"Who approved or rejected it."`
	JudgedAt    time.Time        `json:"judged_at,omitzero"`
	Reason      string           `json:"reason,omitempty" doc:"Of the rejection."`
	AppliedBy   *record.Named    `json:"applied_by,omitempty"`
	AppliedAt   time.Time        `json:"applied_at,omitzero"`
	Outcome     string           `json:"outcome,omitempty" doc:"What came of it."`
}

// MissingPart is something that an approval waits for.
type MissingPart struct {
	Part string `json:"part" enum:"risk,plan,test"`
	What string `json:"what"`
}

// SolutionRisk is what could go wrong.
type SolutionRisk struct {
	Likelihood    string `json:"likelihood" enum:"low,medium,high"`
	Impact        string `json:"impact" enum:"low,medium,high"`
	BlastRadius   string `json:"blast_radius" maxLength:"500" doc:"What else it could hit."`
	Reversibility string `json:"reversibility" enum:"easy,hard,none"`
	Note          string `json:"note,omitempty" maxLength:"10000"`
}

// SolutionTest is how it was tried outside production, or why not.
type SolutionTest struct {
	Result      string `json:"result" enum:"passed,failed,waived" doc:"The commander alone waives, with a reason."`
	Environment string `json:"environment,omitempty" maxLength:"500" example:"staging"`
	Evidence    Proof  `json:"evidence,omitzero"`
	Reason      string `json:"reason,omitempty" maxLength:"10000" doc:"Of a waiver."`
}

// RemediationPlan is how it is put in and taken back.
type RemediationPlan struct {
	Owner    string     `json:"owner" maxLength:"100" example:"person:ana"`
	Steps    []PlanStep `json:"steps" maxItems:"50"`
	Rollback []string   `json:"rollback,omitempty" maxItems:"50" doc:"How it is taken back: there is no plan without."`
}

// PlanStep is one step of a plan.
type PlanStep struct {
	Text  string `json:"text" maxLength:"10000"`
	Owner string `json:"owner,omitempty" maxLength:"100" doc:"Absent: the plan's."`
}

// InquiryFinding is what an examination came to.
type InquiryFinding struct {
	ID          string       `json:"id"`
	About       string       `json:"about" enum:"reproduction,security,database"`
	Result      string       `json:"result" enum:"reproduced,not_reproduced,not_possible,no_threat,threat,cause,no_cause"`
	Environment string       `json:"environment,omitempty"`
	Evidence    Proof        `json:"evidence"`
	By          record.Named `json:"by"`
	At          time.Time    `json:"at"`
}

// TechnicalUpdate is what the commander was told of how things stand.
type TechnicalUpdate struct {
	ID   string       `json:"id"`
	Text string       `json:"text"`
	Next string       `json:"next,omitempty"`
	By   record.Named `json:"by"`
	At   time.Time    `json:"at"`
}

// NetworkProbe is a measurement of the way to some targets.
type NetworkProbe struct {
	ID      string         `json:"id"`
	State   string         `json:"state" enum:"waiting,ok,failed"`
	Targets []string       `json:"targets"`
	Times   int            `json:"times"`
	Results []ProbeMeasure `json:"results"`
	By      record.Named   `json:"by"`
	At      time.Time      `json:"at"`
	DoneAt  time.Time      `json:"done_at,omitzero"`
}

// ProbeMeasure is one step towards a target, made some times. Times are in
// milliseconds, of the tries that did not fail.
type ProbeMeasure struct {
	Address     string    `json:"address"`
	Step        string    `json:"step" enum:"dns,tcp,tls,http"`
	Times       int       `json:"times"`
	Failed      int       `json:"failed"`
	Why         string    `json:"why,omitempty" doc:"Of the last failure."`
	MinMS       float64   `json:"min_ms"`
	MedianMS    float64   `json:"median_ms"`
	P95MS       float64   `json:"p95_ms"`
	MaxMS       float64   `json:"max_ms"`
	Certificate time.Time `json:"certificate_until,omitzero"`
}

// ProbeTarget is an address that may be measured.
type ProbeTarget struct {
	Service string `json:"service"`
	Address string `json:"address"`
}

// SimilarIncident is one that is over and was like this one.
type SimilarIncident struct {
	Incident  string           `json:"incident" example:"INC-7"`
	Number    int64            `json:"number"`
	Service   string           `json:"service"`
	Title     string           `json:"title"`
	Cause     string           `json:"cause,omitempty"`
	Reason    string           `json:"reason,omitempty" doc:"Of its resolution."`
	Solutions []SolutionOption `json:"solutions" doc:"What helped."`
	EndedAt   time.Time        `json:"ended_at"`
	Score     float64          `json:"score" doc:"Higher is more alike."`
}

type names map[string]string

func (n names) of(id string) record.Named {
	if name, ok := n[id]; ok {
		return record.Named{ID: id, Name: name}
	}
	return record.Named{ID: id, Name: id}
}

func (n names) some(id string) *record.Named {
	if id == "" {
		return nil
	}
	p := n.of(id)
	return &p
}

func fileOf(f flow.File) InquiryFile {
	n := names(f.Names)
	return InquiryFile{
		Hypotheses:  wire.Each(f.Hypotheses, n.hypothesis),
		Decisions:   wire.Each(f.Decisions, n.decision),
		Workstreams: wire.Each(f.Workstreams, n.workstream),
		Solutions:   wire.Each(f.Solutions, n.solution),
		Findings:    wire.Each(f.Findings, n.finding),
		Updates:     wire.Each(f.Updates, n.update),
		Probes:      wire.Each(f.Probes, n.probe),
	}
}

func proofOf(p inquiry.Proof) Proof {
	return Proof{
		Text:  p.Text,
		Links: wire.Each(p.Links, func(l inquiry.Link) ProofLink { return ProofLink(l) }),
		Files: wire.Each(p.Files, ident.ID.String),
	}
}

func (n names) hypothesis(h *inquiry.Hypothesis) Hypothesis {
	return Hypothesis{ID: h.ID.String(), Parent: h.Parent.String(), Text: h.Text, State: string(h.State), Evidence: proofOf(h.Evidence), By: n.of(h.By), At: h.At, JudgedBy: n.some(h.JudgedBy), JudgedAt: h.JudgedAt}
}

func (n names) decision(d *inquiry.Decision) InquiryDecision {
	return InquiryDecision{ID: d.ID.String(), Sort: d.Sort, Question: d.Question, Options: record.Filled(d.Options), Choice: d.Choice, Rationale: d.Rationale, MadeBy: n.of(d.MadeBy), MadeAt: d.MadeAt, By: n.of(d.By), At: d.At}
}

func (n names) workstream(w *inquiry.Workstream) Workstream {
	return Workstream{ID: w.ID.String(), Title: w.Title, Owner: w.Owner, State: w.State, Note: w.Note, By: n.of(w.By), At: w.At, ChangedAt: w.ChangedAt}
}

func (n names) solution(s *inquiry.Solution) SolutionOption {
	out := SolutionOption{
		ID: s.ID.String(), Sort: s.Sort, Title: s.Title, Description: s.Description, Like: s.Like, State: s.State, By: n.of(s.By), At: s.At, JudgedBy: n.some(s.JudgedBy), JudgedAt: s.JudgedAt,
		Reason: s.Reason, AppliedBy: n.some(s.AppliedBy), AppliedAt: s.AppliedAt, Outcome: s.Outcome, Missing: []MissingPart{},
	}
	for _, m := range s.Missing() {
		out.Missing = append(out.Missing, MissingPart{Part: m.Where, What: m.What})
	}
	if r := s.Risk; r != nil {
		out.Risk = &SolutionRisk{Likelihood: r.Likelihood, Impact: r.Impact, BlastRadius: r.BlastRadius, Reversibility: r.Reversibility, Note: r.Note}
	}
	if t := s.Test; t != nil {
		out.Test = &SolutionTest{Result: t.Result, Environment: t.Environment, Evidence: proofOf(t.Evidence), Reason: t.Reason}
	}
	if p := s.Plan; p != nil {
		out.Plan = &RemediationPlan{Owner: p.Owner, Steps: wire.Each(p.Steps, func(x inquiry.Step) PlanStep { return PlanStep(x) }), Rollback: p.Rollback}
	}
	return out
}

func (n names) finding(f *inquiry.Finding) InquiryFinding {
	return InquiryFinding{ID: f.ID.String(), About: f.About, Result: f.Result, Environment: f.Environment, Evidence: proofOf(f.Evidence), By: n.of(f.By), At: f.At}
}

func (n names) update(u *inquiry.Update) TechnicalUpdate {
	return TechnicalUpdate{ID: u.ID.String(), Text: u.Text, Next: u.Next, By: n.of(u.By), At: u.At}
}

func (n names) probe(p *inquiry.Probe) NetworkProbe {
	out := NetworkProbe{
		ID: p.ID.String(), State: "waiting", Targets: wire.Each(p.Targets, func(t inquiry.Target) string { return t.Address }), Times: p.Times, By: n.of(p.By), At: p.At, DoneAt: p.DoneAt,
		Results: wire.Each(p.Results, measureOf),
	}
	if !p.DoneAt.IsZero() {
		out.State = "ok"
	}
	for _, m := range p.Results {
		if m.Failed > 0 {
			out.State = "failed"
		}
	}
	return out
}

func measureOf(m inquiry.Measure) ProbeMeasure {
	ms := func(d time.Duration) float64 {
		return float64(d.Microseconds()) / float64(time.Millisecond/time.Microsecond)
	}
	return ProbeMeasure{Address: m.Address, Step: m.Step, Times: m.Times, Failed: m.Failed, Why: m.Why, MinMS: ms(m.Min), MedianMS: ms(m.Median), P95MS: ms(m.P95), MaxMS: ms(m.Max), Certificate: m.Until}
}

func pastOf(p inquiry.Past) SimilarIncident {
	return SimilarIncident{Incident: incident.Ref(p.Number), Number: p.Number, Service: p.Service, Title: p.Title, Cause: p.Cause, Reason: p.Reason, Solutions: wire.Each(p.Solutions, names{}.solution), EndedAt: p.At, Score: p.Score}
}
