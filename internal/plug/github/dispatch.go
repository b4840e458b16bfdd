package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
)

// Dispatch is a workflow to be started. It must have the trigger workflow_dispatch.
type Dispatch struct {
	API    string // https://api.github.com when empty
	Repo   string // owner/name
	File   string // such as rollback.yml
	Ref    string // branch or tag that has it
	Inputs map[string]string
	Token  secret.String // may read and write actions of the repository
}

// Dispatcher starts workflows and waits for their end.
//
// Sources: docs.github.com, "REST API endpoints for workflows", "REST API endpoints
// for workflow runs"; github.blog, changelog of 2026-02-19.
type Dispatcher struct {
	HTTP  *plug.HTTP
	Pause time.Duration // between looks; ten seconds when zero
}

// apiVersion is the version of the interface that is spoken.
const apiVersion = "2022-11-28"

const look = 10 * time.Second

type workflowRun struct {
	ID         int64  `json:"id"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	HTMLURL    string `json:"html_url"`
}

// Run starts the workflow, once, and looks until it has ended. A start whose answer is
// lost is not made again. When ctx ends the workflow is cancelled.
func (d Dispatcher) Run(ctx context.Context, w Dispatch, say func(string)) remedy.Result {
	if w.API == "" {
		w.API = "https://api.github.com"
	}
	base := strings.TrimRight(w.API, "/") + "/repos/" + w.Repo + "/actions"
	body, err := json.Marshal(map[string]any{"ref": w.Ref, "inputs": w.Inputs, "return_run_details": true})
	if err != nil {
		return refused("write the request: %v", err)
	}
	var made struct {
		ID   int64  `json:"workflow_run_id"`
		HTML string `json:"html_url"`
	}
	status, err := d.ask(ctx, w.Token, http.MethodPost, base+"/workflows/"+w.File+"/dispatches", body, &made)
	switch {
	case err != nil:
		return refused("start %s: %v", w.File, err)
	case status == http.StatusNoContent || made.ID == 0: // a GitHub that does not say which run it made
		say("started " + w.File + ": this GitHub does not say which run it is; look there")
		return remedy.Result{State: remedy.Failed, Why: w.File + " was started, and how it ends this GitHub does not tell: look there"}
	}
	say(fmt.Sprintf("started %s: %s", w.File, made.HTML))
	out := remedy.Result{State: remedy.Failed, Ref: fmt.Sprintf("workflow run %d", made.ID), Link: made.HTML}
	pause := d.Pause
	if pause == 0 {
		pause = look
	}
	run := fmt.Sprintf("%s/runs/%d", base, made.ID)
	for was := ""; ; {
		select {
		case <-ctx.Done():
			d.cancel(w, run, say)
			return out
		case <-time.After(pause):
		}
		var got workflowRun
		if _, err := d.ask(ctx, w.Token, http.MethodGet, run, nil, &got); err != nil {
			if ctx.Err() == nil {
				say("look: " + err.Error())
			}
			continue // it goes on there, whether we see it or not
		}
		if got.Status != was {
			was = got.Status
			say(got.Status)
		}
		if got.Status != "completed" {
			continue
		}
		say(got.Conclusion)
		if got.Conclusion == "success" {
			out.State = remedy.Succeeded
		} else {
			out.Why = w.File + " ended with " + got.Conclusion
		}
		return out
	}
}

// cancel ends the workflow there; ctx of the run is over already.
func (d Dispatcher) cancel(w Dispatch, run string, say func(string)) {
	const patience = 10 * time.Second
	ctx, end := context.WithTimeout(context.Background(), patience)
	defer end()
	if _, err := d.ask(ctx, w.Token, http.MethodPost, run+"/cancel", nil, nil); err != nil {
		say("cancel: " + err.Error())
		return
	}
	say("cancelled there")
}

func (d Dispatcher) ask(ctx context.Context, token secret.String, method, address string, body []byte, into any) (int, error) {
	h := http.Header{"Accept": {"application/vnd.github+json"}, "X-GitHub-Api-Version": {apiVersion}, "Authorization": {"Bearer " + token.Reveal()}}
	if body != nil {
		h.Set("Content-Type", "application/json")
	}
	ans, err := d.HTTP.Do(ctx, plug.Request{Method: method, URL: address, Header: h, Body: body, Secrets: []secret.String{token}, Still: true})
	if err != nil {
		return 0, err
	}
	if ans.Status < 200 || ans.Status > 299 {
		var said struct{ Message string }
		_ = json.Unmarshal(ans.Body, &said) // what it says, if it says something
		return ans.Status, fmt.Errorf("GitHub answers with %d: %s", ans.Status, plug.Clean(said.Message, token))
	}
	if into == nil || len(ans.Body) == 0 {
		return ans.Status, nil
	}
	return ans.Status, json.Unmarshal(ans.Body, into)
}

func refused(format string, args ...any) remedy.Result {
	return remedy.Result{State: remedy.Failed, Why: fmt.Sprintf(format, args...)}
}
