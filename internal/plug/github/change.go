package github

import (
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// hook is one webhook.
type hook struct {
	plug.Doc
	now        time.Time
	repo, home string
}

// change is a change with one link. One whose time cannot be read happened when it
// came.
func (h *hook) change(summary, href, linked string, at time.Time, details map[string]any) (plug.Received, error) {
	if at.IsZero() {
		at = h.now
	}
	where := h.repo
	if where == "" {
		where = "GitHub"
	}
	details["sender"] = h.Text("sender", "login")
	c := alert.Change{Source: Name, Summary: plug.Line(where+": "+summary, plug.MaxSummary), Origin: h.repo, At: at, Details: details}
	c.Links = plug.AddLink(c.Links, href, linked)
	return plug.Received{Changes: []alert.Change{c}}, nil
}

// by names who did it.
func by(names ...string) string {
	if n := plug.First(names...); n != "" {
		return " by " + n
	}
	return ""
}

// push is a push to a branch or tag.
func (h *hook) push() (plug.Received, error) {
	ref := h.Text("ref")
	if ref == "" {
		return plug.Received{}, plug.Unusable("/ref", "is missing")
	}
	name, branch := strings.CutPrefix(ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		name = "tag " + tag
	}
	who := by(h.Text("pusher", "name"), h.Text("sender", "login"))
	commits := h.List("commits")
	details := h.Keep("ref", "before", "after", "forced", "compare")
	if details == nil {
		details = map[string]any{}
	}
	var list []map[string]string
	for i, c := range commits {
		const most = 20
		if i == most {
			break
		}
		list = append(list, map[string]string{"id": short(c.Text("id")), "message": plug.Line(line(c.Text("message")), 200), "author": plug.First(c.Text("author", "username"), c.Text("author", "name"))})
	}
	details["commits"], details["count"] = list, len(commits)
	if branch {
		details["default_branch"] = name == h.Text("repository", "default_branch")
	}
	head := h.At("head_commit")
	what := strconv.Itoa(len(commits)) + " commits pushed to " + name
	switch {
	case h.True("deleted"):
		what = name + " deleted"
	case len(commits) == 1:
		what = "1 commit pushed to " + name
	case len(commits) == 0 && h.True("created"):
		what = name + " created"
	}
	if h.True("forced") {
		what += " (forced)"
	}
	what += who
	if m := line(head.Text("message")); m != "" {
		what += ": " + m
	}
	return h.change(what, plug.First(h.Text("compare"), head.Text("url")), "Compare", pushedAt(h.Doc), details)
}

// pushedAt is when the repository was pushed to, and not when the commit was made,
// which may have been long ago.
func pushedAt(doc plug.Doc) time.Time {
	if at := doc.Time("repository", "pushed_at"); !at.IsZero() {
		return at
	}
	return doc.Time("head_commit", "timestamp")
}

func (h *hook) deployment() (plug.Received, error) {
	d := h.At("deployment")
	if !d.IsObject() {
		return plug.Received{}, plug.Unusable("/deployment", "is missing")
	}
	what := "deployment of " + revision(d) + " to " + environment(d, d) + " requested" + by(d.Text("creator", "login"), h.Text("sender", "login"))
	return h.change(what, h.deployments(), "Deployments", d.Time("created_at"), details(d))
}

// status is the outcome of a deployment, or that it has begun.
func (h *hook) status() (plug.Received, error) {
	s, d := h.At("deployment_status"), h.At("deployment")
	if s.Text("state") == "" {
		return plug.Received{}, plug.Unusable("/deployment_status/state", "is missing")
	}
	what := "deployment of " + revision(d) + " to " + environment(s, d)
	switch state := strings.ToLower(s.Text("state")); state {
	case "success":
		what += " succeeded"
	case "failure", "error":
		what += " FAILED"
	case "in_progress":
		what += " has begun"
	default:
		return plug.Told("nothing is made of a deployment that is " + state), nil
	}
	what += by(d.Text("creator", "login"), s.Text("creator", "login"))
	if about := line(s.Text("description")); about != "" {
		what += ": " + about
	}
	at := s.Time("updated_at")
	if at.IsZero() {
		at = s.Time("created_at")
	}
	all := details(d)
	all["state"], all["environment_url"] = s.Text("state"), plug.WebURL(s.Text("environment_url"))
	return h.change(what, plug.First(plug.WebURL(s.Text("log_url")), plug.WebURL(s.Text("target_url")), h.deployments()), "Log", at, all)
}

func details(d plug.Doc) map[string]any {
	out := d.Keep("id", "ref", "sha", "task", "environment", "description", "production_environment", "transient_environment")
	if out == nil {
		out = map[string]any{}
	}
	return out
}

func environment(s, d plug.Doc) string {
	return plug.First(s.Text("environment"), d.Text("environment"), "an environment")
}

// revision is what is deployed, such as "main (f95f852)".
func revision(d plug.Doc) string {
	ref, sha := d.Text("ref"), d.Text("sha")
	switch {
	case ref == "" && sha == "":
		return "a revision"
	case ref == "" || strings.HasPrefix(sha, ref):
		return short(sha)
	case sha == "":
		return ref
	}
	return ref + " (" + short(sha) + ")"
}

func (h *hook) deployments() string {
	if h.home == "" {
		return ""
	}
	return strings.TrimRight(h.home, "/") + "/deployments"
}

func (h *hook) release() (plug.Received, error) {
	r, action := h.At("release"), h.Text("action")
	name := plug.First(r.Text("name"), r.Text("tag_name"))
	switch {
	case name == "":
		return plug.Received{}, plug.Unusable("/release/tag_name", "is missing")
	case action != "published" && action != "released":
		return plug.Told("nothing is made of a release that was " + action), nil
	case action == "released" && !r.True("prerelease"): // the same release is told as published too
		return plug.Told("nothing is made of released: it is published too"), nil
	}
	return h.change("release "+name+" published"+by(r.Text("author", "login"), h.Text("sender", "login")), r.Text("html_url"), "Release", r.Time("published_at"),
		map[string]any{"tag": r.Text("tag_name"), "prerelease": r.True("prerelease"), "body": plug.Line(r.Text("body"), plug.MaxSummary)})
}

// run is a workflow or check that has come to an end.
func (h *hook) run(kind string) (plug.Received, error) {
	r := h.At(kind)
	if !r.IsObject() {
		return plug.Received{}, plug.Unusable("/"+kind, "is missing")
	}
	conclusion := strings.ToLower(r.Text("conclusion"))
	if h.Text("action") != "completed" && h.Text("action") != "" || conclusion == "" {
		return plug.Told("nothing is made of a run that has not ended"), nil
	}
	said := map[string]string{"success": "succeeded", "failure": "FAILED", "timed_out": "TIMED OUT", "cancelled": "was cancelled", "startup_failure": "FAILED to start", "action_required": "waits for somebody"}[conclusion]
	if said == "" {
		return plug.Told("nothing is made of a run that was " + conclusion), nil
	}
	word := map[string]string{"workflow_run": "workflow ", "check_run": "check ", "check_suite": "checks of "}[kind]
	branch := plug.First(r.Text("head_branch"), r.Text("check_suite", "head_branch"))
	what := word + plug.First(r.Text("name"), r.Text("app", "name"), "GitHub") + " " + said
	if rev := revisionOf(branch, r.Text("head_sha")); rev != "" {
		what += " on " + rev
	}
	what += by(r.Text("triggering_actor", "login"), r.Text("actor", "login"), h.Text("sender", "login"))
	at := r.Time("completed_at")
	if at.IsZero() {
		at = r.Time("updated_at")
	}
	return h.change(what, plug.First(plug.WebURL(r.Text("html_url")), plug.WebURL(r.Text("details_url"))), "Run", at,
		map[string]any{"conclusion": conclusion, "branch": branch, "sha": r.Text("head_sha"), "event": r.Text("event"), "attempt": r.Number("run_attempt"), "title": plug.First(r.Text("display_title"), r.Text("output", "title"))})
}

func revisionOf(ref, sha string) string {
	switch {
	case ref == "":
		return short(sha)
	case sha == "":
		return ref
	}
	return ref + " (" + short(sha) + ")"
}
