package github_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
	"allclear/internal/plug/github"
)

// hub stands in for the workflow interface of GitHub, as documented: a start answers
// 200 with the run where its details are asked for, and the run goes from queued to
// completed.
type hub struct {
	t          *testing.T
	conclusion string
	silent     bool // an older GitHub: 204, and no word of the run
	missing    bool

	mu        sync.Mutex
	started   int
	looked    int
	cancelled int
	inputs    map[string]string
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer ghp_secret_of_the_repository" || r.Header.Get("Accept") != "application/vnd.github+json" || r.Header.Get("X-GitHub-Api-Version") != "2022-11-28" {
		h.t.Errorf("headers %v", r.Header)
	}
	say := func(status int, body string) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	run := `{"id":7001,"name":"rollback","event":"workflow_dispatch","html_url":"https://github.com/acme/shop/actions/runs/7001",`
	switch r.Method + " " + r.URL.Path {
	case "POST /repos/acme/shop/actions/workflows/rollback.yml/dispatches":
		var body struct {
			Ref     string            `json:"ref"`
			Inputs  map[string]string `json:"inputs"`
			Details bool              `json:"return_run_details"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Ref != "main" || !body.Details {
			h.t.Errorf("body %+v, %v", body, err)
		}
		if h.missing {
			say(http.StatusNotFound, `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`)
			return
		}
		h.started++
		h.inputs = body.Inputs
		if h.silent {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		say(http.StatusOK, `{"workflow_run_id":7001,"run_url":"https://api.github.com/repos/acme/shop/actions/runs/7001","html_url":"https://github.com/acme/shop/actions/runs/7001"}`)
	case "GET /repos/acme/shop/actions/runs/7001":
		h.looked++
		switch {
		case h.looked == 1:
			say(http.StatusOK, run+`"status":"queued","conclusion":null}`)
		case h.looked == 2:
			say(http.StatusServiceUnavailable, `{"message":"Unicorn!"}`)
		case h.looked == 3 || h.conclusion == "":
			say(http.StatusOK, run+`"status":"in_progress","conclusion":null}`)
		default:
			say(http.StatusOK, run+`"status":"completed","conclusion":"`+h.conclusion+`"}`)
		}
	case "POST /repos/acme/shop/actions/runs/7001/cancel":
		h.cancelled++
		say(http.StatusAccepted, `{}`)
	default:
		h.t.Errorf("asked %s %s", r.Method, r.URL)
		say(http.StatusNotFound, `{"message":"Not Found"}`)
	}
}

func dispatch(t *testing.T, ctx context.Context, h *hub) (remedy.Result, string) { //nolint:revive // the test first, as everywhere here
	t.Helper()
	h.t = t
	srv := httptest.NewServer(h)
	defer srv.Close()
	var said strings.Builder
	d := github.Dispatcher{HTTP: plug.NewHTTP(plug.HTTPOptions{Guard: plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8"))}), Pause: time.Millisecond}
	w := github.Dispatch{API: srv.URL, Repo: "acme/shop", File: "rollback.yml", Ref: "main", Inputs: map[string]string{"version": "v41"}, Token: "ghp_secret_of_the_repository"}
	res := d.Run(ctx, w, func(s string) { said.WriteString(s + "\n") })
	return res, said.String()
}

// A workflow is started once and watched to its end, also past an answer that is no
// use; how it ended is how the run ended.
//
// Clauses: INT-CI
func TestAWorkflowIsStartedAndWatched(t *testing.T) {
	for conclusion, want := range map[string]remedy.State{"success": remedy.Succeeded, "failure": remedy.Failed, "cancelled": remedy.Failed} {
		h := &hub{conclusion: conclusion}
		res, said := dispatch(t, t.Context(), h)
		if res.State != want || res.Link != "https://github.com/acme/shop/actions/runs/7001" || h.started != 1 || h.inputs["version"] != "v41" {
			t.Errorf("%s: %+v, started %d, inputs %v", conclusion, res, h.started, h.inputs)
		}
		if !strings.Contains(said, "queued") || !strings.Contains(said, conclusion) || strings.Contains(said, "ghp_") {
			t.Errorf("%s: said %q", conclusion, said)
		}
	}
}

func TestAWorkflowIsCancelledWithItsRun(t *testing.T) {
	h := &hub{}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if res, said := dispatch(t, ctx, h); res.State == remedy.Succeeded || h.cancelled != 1 || h.started != 1 {
		t.Errorf("%+v, cancelled %d: %s", res, h.cancelled, said)
	}
}

// What cannot be started, or not be watched, is no success, and is not started again.
func TestAWorkflowThatCannotBeWatched(t *testing.T) {
	for name, h := range map[string]*hub{"missing": {missing: true}, "silent": {silent: true}} {
		res, _ := dispatch(t, t.Context(), h)
		if res.State != remedy.Failed || h.started > 1 || h.looked > 0 || strings.Contains(res.Why, "ghp_") {
			t.Errorf("%s: %+v", name, res)
		}
	}
}
