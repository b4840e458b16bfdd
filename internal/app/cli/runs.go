package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/edge/api/remedy"
)

// Runs is a server as a runner asks it.
type Runs struct {
	Server
	Name string // of the runner
}

// Claimed is a run that a runner has.
type Claimed struct {
	ID      string
	Fence   int64
	Action  string
	Command []string
	Dry     bool
	Plan    bool
	Values  map[string]string
	Timeout time.Duration
}

// Claim takes a run for one of the commands; nil when there is none.
func (r Runs) Claim(ctx context.Context, commands []string) (*Claimed, error) {
	var got remedy.ClaimedRun
	if err := r.post(ctx, "/runs/claim", remedy.ClaimRun{Runner: r.Name, Commands: commands}, &got); err != nil || got.ID == "" {
		return nil, err
	}
	return &Claimed{
		ID: got.ID, Fence: got.Fence, Action: got.Action, Command: got.Commands, Dry: got.DryRun, Plan: got.Plan, Values: got.Values,
		Timeout: time.Duration(got.Timeout * float64(time.Second)),
	}, nil
}

// Report tells what a run writes, and that it still runs; end: somebody wants it
// ended.
func (r Runs) Report(ctx context.Context, run string, fence int64, text string) (end bool, err error) {
	var got remedy.RunWish
	err = r.post(ctx, "/runs/"+run+"/output", remedy.ReportRun{Fence: fence, Text: text}, &got)
	return got.End, err
}

// Finish tells how it ended.
func (r Runs) Finish(ctx context.Context, run string, fence int64, res domain.Result) error {
	var got remedy.RunWish
	return r.post(ctx, "/runs/"+run+"/finish", remedy.FinishRun{Fence: fence, State: res.State, ExitCode: res.Code, Why: res.Why, Ref: res.Ref, Link: res.Link, Plan: res.PlanHash}, &got)
}

func (r Runs) post(ctx context.Context, path string, body, into any) error {
	doc, err := r.call(ctx, http.MethodPost, apiPrefix+path, nil, body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(doc, into); err != nil {
		return fault.Wrap(fault.Invalid, err, "read the answer of "+r.URL)
	}
	return nil
}
