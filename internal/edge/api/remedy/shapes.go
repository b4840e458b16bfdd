// Package remedy owns the routes and shapes of runbook actions, their runs and the
// board on which services are restored. It must not decide who may run what, nor run
// anything.
package remedy

import (
	"encoding/json"
	"fmt"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/remedy"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/remedy"
)

// ActionFields are what an action is made with.
type ActionFields struct {
	Name      string        `json:"name" maxLength:"500"`
	Type      remedy.Type   `json:"type" enum:"app-rollback,db-pitr,iac-restore,config-rollback,failover,smoke,check,diagnostic,custom" doc:"db-pitr is told TARGET_TIME, config-rollback COMMIT and iac-restore REF, beside the parameters."`
	Service   string        `json:"service,omitempty" maxLength:"64" doc:"It helps; absent: any."`
	Text      string        `json:"description,omitempty" maxLength:"8000"`
	Params    []ActionParam `json:"parameters,omitempty" maxItems:"20"`
	DryRun    bool          `json:"dry_run,omitempty" doc:"Its command can say what it would do; nobody has to agree to that."`
	Approvals int           `json:"approvals,omitempty" minimum:"0" maximum:"2" doc:"People who must agree: technical lead or incident commander, of a deed others than who asks. Absent: none for smoke, check and diagnostic, 2 for db-pitr, else 1. Fewer than that is not possible."`
	Timeout   recur.Span    `json:"timeout,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 10m" doc:"1s to 4h; absent: 10m."`
	Proves    string        `json:"proves,omitempty" enum:"performance,load,stress,data,security" doc:"Of a check. Integrations alone prove security."`
	Deed      string        `json:"deed,omitempty" maxLength:"100" doc:"What an integration does, such as cloudflare.point_dns_record; its parameters are added. With a guide as well, people do it where the integration is not set up." example:"cloudflare.point_dns_record"`
	Command   string        `json:"command,omitempty" maxLength:"64" doc:"A name in the allow-list of the runner, which says how it is done."`
	Apply     string        `json:"apply,omitempty" maxLength:"64" doc:"Of iac-restore: the command that applies what the other has planned."`
	Verify    string        `json:"verify,omitempty" maxLength:"64" doc:"A command that is run after it and must succeed."`
	Steps     []ActionStep  `json:"steps,omitempty" maxItems:"50" doc:"Requests that the server makes."`
	Probe     *ActionProbe  `json:"probe,omitempty" doc:"One address that the server asks many times."`
	Guide     []string      `json:"guide,omitempty" maxItems:"50" doc:"What people do, where there is no command."`
}

// ActionParam is something a run is told.
type ActionParam struct {
	Name     string   `json:"name" maxLength:"40" example:"VERSION"`
	Label    string   `json:"label,omitempty" maxLength:"200"`
	Pattern  string   `json:"pattern,omitempty" maxLength:"1000" doc:"The whole value fits it (RE2)."`
	Choices  []string `json:"choices,omitempty" maxItems:"100"`
	Default  string   `json:"default,omitempty" maxLength:"1000"`
	Required bool     `json:"required,omitempty"`
}

// ActionStep is a request whose answer must be right.
type ActionStep struct {
	Name    string       `json:"name" maxLength:"200"`
	Method  string       `json:"method,omitempty" enum:"GET,HEAD,POST,PUT,OPTIONS"`
	URL     string       `json:"url" maxLength:"2048"`
	Headers []StepHeader `json:"headers,omitempty" maxItems:"20" doc:"Nothing secret: everybody who may read the catalogue sees them."`
	Status  []string     `json:"status,omitempty" maxItems:"20" doc:"Each a status or a range; absent: 200-299."`
	Has     []string     `json:"contains,omitempty" maxItems:"20"`
	Lacks   []string     `json:"not_contains,omitempty" maxItems:"20"`
}

// StepHeader is a header of a request.
type StepHeader struct {
	Name  string `json:"name" maxLength:"100"`
	Value string `json:"value" maxLength:"500"`
}

// ActionProbe asks one address many times.
type ActionProbe struct {
	URL         string     `json:"url" maxLength:"2048"`
	Requests    int        `json:"requests" minimum:"1" maximum:"20000"`
	Concurrency int        `json:"concurrency" minimum:"1" maximum:"200"`
	Rate        int        `json:"rate,omitempty" minimum:"0" maximum:"1000" doc:"A second; absent: as fast as the answers come."`
	P50         recur.Span `json:"p50,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 500ms" doc:"Half of the answers come within; absent: as p95."`
	P95         recur.Span `json:"p95,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 2s" doc:"At most 5s, which is what absent means."`
	Errors      float64    `json:"errors_percent,omitempty" minimum:"0" maximum:"100" doc:"Answers that may be wrong."`
}

// NewAction is what an action is made or replaced with.
type NewAction struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	ActionFields
}

// RunbookAction is one thing that can be run in an incident.
type RunbookAction struct {
	ID string `json:"id"`
	ActionFields
	Needs int         `json:"needs" doc:"People who must agree."`
	Lane  remedy.Lane `json:"lane" enum:"runner,server,vendor,hand" doc:"Who runs it."`
	All   []string    `json:"takes" doc:"Names of all parameters, those of the type first."`
	wire.Stamp
}

// Filled adds what follows from the fields.
func (a RunbookAction) Filled(own remedy.Action) RunbookAction {
	a.Needs, a.Lane, a.All = own.Needs(), own.Lane(), wire.Each(own.All(), func(p remedy.Param) string { return p.Name })
	return a
}

// ActionChoice is an action that can be run in an incident: of the catalogue, or what
// an integration can do.
type ActionChoice struct {
	ID string `json:"id"`
	ActionFields
	Needs   int         `json:"needs" doc:"People who must agree."`
	Others  bool        `json:"others" doc:"Who asks cannot be one of them."`
	Lane    remedy.Lane `json:"lane" enum:"runner,server,vendor,hand" doc:"Who runs it; vendor: an integration asks its vendor."`
	All     []string    `json:"takes" doc:"Names of all parameters, those of the type first."`
	Helps   bool        `json:"helps" doc:"A service of the incident."`
	Problem string      `json:"problem,omitempty" doc:"Why it cannot be run here."`
}

func choiceOf(c flow.Choice) (out ActionChoice, err error) {
	doc, err := json.Marshal(c.Action)
	if err != nil {
		return out, fmt.Errorf("write action %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(doc, &out); err != nil { // one document, two shapes: the fields are the same
		return out, fmt.Errorf("read action %s: %w", c.ID, err)
	}
	out.Needs, out.Lane, out.Helps, out.Problem = c.Needs(), c.Lane(), c.Helps, c.Problem
	out.Others = out.Lane == remedy.Vendor && out.Needs > 0
	out.All = wire.Each(c.All(), func(p remedy.Param) string { return p.Name })
	return out, nil
}

// ActionRun is one run of an action.
type ActionRun struct {
	ID        string            `json:"id"`
	Incident  string            `json:"incident" example:"INC-42"`
	Action    string            `json:"action"`
	Name      string            `json:"name"`
	Type      remedy.Type       `json:"type" enum:"app-rollback,db-pitr,iac-restore,config-rollback,failover,smoke,check,diagnostic,custom"`
	State     remedy.State      `json:"state" enum:"requested,approved,running,planned,succeeded,failed,timed_out,killed,lost" doc:"lost: whoever ran it is not heard of any more; look, and settle it."`
	Stage     string            `json:"stage,omitempty" enum:"plan,apply" doc:"Of iac-restore."`
	Lane      remedy.Lane       `json:"lane" enum:"runner,server,vendor,hand"`
	Values    map[string]string `json:"values"`
	DryRun    bool              `json:"dry_run"`
	Drill     bool              `json:"drill"`
	Reason    string            `json:"reason,omitempty"`
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
	Needs     int               `json:"needs" doc:"People who must agree."`
	Missing   int               `json:"missing" doc:"Of them those who have not."`
	Approvals []RunApproval     `json:"approvals"`
	Plan      string            `json:"plan,omitempty" doc:"Hash of the plan that was shown; send it with the agreement."`
	Guide     []string          `json:"guide,omitempty" doc:"What people do by hand."`
	Runner    string            `json:"runner,omitempty"`
	StartedAt time.Time         `json:"started_at,omitzero"`
	EndedAt   time.Time         `json:"ended_at,omitzero"`
	Seconds   float64           `json:"seconds" doc:"How long it ran; of a failover the recovery time that was reached."`
	Ending    bool              `json:"ending" doc:"Somebody wants it ended; whoever runs it is being told."`
	ExitCode  *int              `json:"exit_code,omitempty"`
	Why       string            `json:"why,omitempty" doc:"It ended so."`
	Tail      string            `json:"tail,omitempty" doc:"Last lines of what it wrote."`
	Ref       string            `json:"ref,omitempty" doc:"What came of it, such as a commit."`
	Link      string            `json:"link,omitempty"`
	Bytes     int64             `json:"output_bytes"`
	Cut       bool              `json:"output_cut" doc:"More was written than is kept."`
	Effect    string            `json:"effect,omitempty" doc:"What it does to whom; read it before you agree."`
	Others    bool              `json:"others" doc:"Who asked cannot agree to it."`
	Before    string            `json:"before,omitempty" doc:"What a deed has changed, as it was."`
	Undo      *RunUndo          `json:"undo,omitempty" doc:"What takes it back; ask for it as for any run."`
}

// RunUndo is the action that takes a run back, and what it is told.
type RunUndo struct {
	Action string            `json:"action"`
	Values map[string]string `json:"values"`
}

// RunApproval is one person's agreement.
type RunApproval struct {
	By   string    `json:"by"`
	Role string    `json:"role"`
	At   time.Time `json:"at"`
}

func runOf(r *remedy.Run) ActionRun {
	out := ActionRun{
		ID: r.ID.String(), Incident: incident.Ref(r.Number), Action: r.Action.ID, Name: r.Action.Name, Type: r.Action.Type, State: r.State, Stage: r.Stage, Lane: r.Lane,
		Values: r.Values, DryRun: r.Dry, Drill: r.Drill, Reason: r.Reason, By: r.By, At: r.At, Needs: r.Needs(), Missing: r.Missing(), Plan: r.PlanHash, Runner: r.Runner,
		StartedAt: r.StartedAt, EndedAt: r.EndedAt, Seconds: r.Took().Seconds(), Ending: r.KillBy != "" && !r.Ended(), ExitCode: r.Code, Why: r.Why, Tail: r.Tail, Ref: r.Ref,
		Link: r.Link, Bytes: r.Bytes, Cut: r.Cut, Before: r.Before,
		Approvals: wire.Each(r.Approvals, func(a remedy.Approval) RunApproval { return RunApproval{a.By, a.Role, a.At} }),
	}
	if r.Lane == remedy.Hand {
		out.Guide = r.Action.Guide
	}
	if r.Lane == remedy.Vendor {
		out.Effect, out.Others = r.Action.Text, r.Needs() > 0
	}
	if r.Undo != nil && r.State == remedy.Succeeded {
		out.Undo = &RunUndo{Action: r.Undo.Action, Values: r.Undo.Values}
	}
	if out.Values == nil {
		out.Values = map[string]string{}
	}
	return out
}

// RunOutput is a run and a part of what it wrote.
type RunOutput struct {
	Run   ActionRun `json:"run"`
	Text  string    `json:"text" doc:"What it wrote after the place asked for."`
	After int64     `json:"after" doc:"Ask for this next."`
	More  bool      `json:"more"`
}

// NewRun asks for a run.
type NewRun struct {
	Action string            `json:"action" minLength:"1" maxLength:"64"`
	Values map[string]string `json:"values,omitempty" doc:"By name of the parameter."`
	DryRun bool              `json:"dry_run,omitempty"`
	Drill  bool              `json:"drill,omitempty" doc:"A test of a failover, whose recovery time is kept."`
	Reason string            `json:"reason,omitempty" maxLength:"2000"`
}

// ApproveRun agrees to a run.
type ApproveRun struct {
	Plan string `json:"plan,omitempty" maxLength:"64" doc:"Needed where a plan was shown: its hash."`
}

// EndRun ends one.
type EndRun struct {
	Reason string `json:"reason,omitempty" maxLength:"2000"`
}

// SettleRun says how a run ended that is lost, or that people do themselves.
type SettleRun struct {
	Succeeded bool   `json:"succeeded"`
	Text      string `json:"text" minLength:"1" maxLength:"2000" doc:"How it ended and how you know."`
}

// ClaimRun is what a runner says of itself.
type ClaimRun struct {
	Runner   string   `json:"runner" minLength:"1" maxLength:"64"`
	Commands []string `json:"commands" minItems:"1" maxItems:"500" doc:"Names in its allow-list."`
}

// ClaimedRun is what it is to run, once; id is absent when there is nothing.
type ClaimedRun struct {
	ID       string            `json:"id,omitempty"`
	Fence    int64             `json:"fence,omitempty" doc:"Send it with every report."`
	Incident string            `json:"incident,omitempty"`
	Action   string            `json:"action,omitempty"`
	Commands []string          `json:"commands" doc:"One after the other, while they succeed."`
	DryRun   bool              `json:"dry_run,omitempty"`
	Plan     bool              `json:"plan,omitempty" doc:"Hash the whole output."`
	Values   map[string]string `json:"values,omitempty"`
	Timeout  float64           `json:"timeout_seconds,omitempty"`
}

func claimedOf(w *flow.Work) ClaimedRun {
	if w == nil {
		return ClaimedRun{Commands: []string{}}
	}
	return ClaimedRun{ID: w.Run.String(), Fence: w.Fence, Incident: w.Incident, Action: w.Action, Commands: w.Commands, DryRun: w.Dry, Plan: w.Plan, Values: w.Values, Timeout: w.Timeout.Seconds()}
}

// ReportRun is a piece of what a run wrote; an empty one says that it still runs.
type ReportRun struct {
	Fence int64  `json:"fence"`
	Text  string `json:"text,omitempty" maxLength:"32768"`
}

// RunWish says what is wanted of a run.
type RunWish struct {
	End bool `json:"end" doc:"End it, with all that it has started."`
}

// FinishRun says how a run ended.
type FinishRun struct {
	Fence    int64        `json:"fence"`
	State    remedy.State `json:"state" enum:"succeeded,failed,timed_out,killed"`
	ExitCode *int         `json:"exit_code,omitempty"`
	Why      string       `json:"why,omitempty" maxLength:"2000"`
	Ref      string       `json:"ref,omitempty" maxLength:"200"`
	Link     string       `json:"link,omitempty" maxLength:"2048"`
	Plan     string       `json:"plan,omitempty" maxLength:"64" doc:"SHA-256 of the whole output of a plan."`
}

// RecoveryBoard is what is to be restored, in order.
type RecoveryBoard struct {
	Incident   string            `json:"incident" example:"INC-42"`
	TargetTime time.Time         `json:"target_time" doc:"The minute before the impact began: what a database would be set back to."`
	Services   []ServiceRecovery `json:"services"`
}

// ServiceRecovery is how far a service is.
type ServiceRecovery struct {
	Service    string          `json:"service"`
	Name       string          `json:"name"`
	Rank       int             `json:"rank" doc:"1 is restored first."`
	State      remedy.Restored `json:"state" enum:"down,in_work,restored"`
	Worker     string          `json:"worker,omitempty"`
	By         string          `json:"by,omitempty" doc:"Who said so."`
	At         time.Time       `json:"at,omitzero"`
	StartedAt  time.Time       `json:"started_at,omitzero"`
	RestoredAt time.Time       `json:"restored_at,omitzero"`
	Before     []string        `json:"before" doc:"Services that come first and are not restored."`
}

func boardOf(b flow.Board) RecoveryBoard {
	return RecoveryBoard{
		Incident: incident.Ref(b.Number), TargetTime: b.Target,
		Services: wire.Each(b.Places, func(p flow.Place) ServiceRecovery {
			return ServiceRecovery{
				Service: p.Service.ID, Name: p.Name, Rank: p.RestorationRank, State: p.State, Worker: p.Worker, By: p.By, At: p.At, StartedAt: p.StartedAt, RestoredAt: p.RestoredAt,
				Before: wire.Each(p.Before, func(s string) string { return s }),
			}
		}),
	}
}

// SetRecovery says how services are restored.
type SetRecovery struct {
	Services []RecoveryMove `json:"services" minItems:"1" maxItems:"200"`
}

// RecoveryMove is a change of one of them.
type RecoveryMove struct {
	Service string          `json:"service" maxLength:"64"`
	State   remedy.Restored `json:"state" enum:"down,in_work,restored"`
	Worker  string          `json:"worker,omitempty" maxLength:"64" doc:"Absent: the caller."`
}
