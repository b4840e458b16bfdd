// Package github reads the webhooks of a GitHub repository or organisation: pushes,
// deployments, releases and the results of workflows as changes, and security alerts
// as alerts. It must not take a failed deployment or build for an outage: it is a
// change that whoever looks for the cause of one wants to see.
//
// Sources: docs.github.com, "Webhook events and payloads", "Validating webhook
// deliveries".
package github

import (
	"slices"
	"strings"

	"allclear/internal/plug"
)

// Name is the source of every change and signal from here.
const Name = "github"

// maxBody is above any push of people; GitHub's own limit is 25 MB.
const maxBody = 4 << 20

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "GitHub", Source: Name, MaxBody: maxBody, Docs: "docs/integrations/github.md",
			Setup: []string{
				"In GitHub open the repository or organisation, Settings, Webhooks, Add webhook.",
				"Payload URL {url}, content type application/json, secret {secret} (the same as the secret of the hook), SSL verification on.",
				"Which events: Let me select individual events. Tick Deployments, Deployment statuses and Releases; Pushes and Workflow runs if you deploy without them.",
				"Tick Dependabot alerts, Secret scanning alerts and Code scanning alerts only if they are to open alerts here.",
				"Add webhook. GitHub sends a ping; its green tick under Recent Deliveries means that it arrived.",
			},
			Sample: `{"deployment_status":{"id":2,"state":"success","environment":"production","description":"Deployed","target_url":"https://ci.example.net/runs/7","log_url":"","created_at":"2026-03-02T03:03:00Z"},"deployment":{"id":1,"ref":"main","sha":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","task":"deploy","environment":"production","creator":{"login":"ana"}},"repository":{"full_name":"example/shop","html_url":"https://github.com/example/shop"},"sender":{"login":"ana"}}`,
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source. X-Hub-Signature-256 is among the proofs of every
// hook.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	doc, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	if in.IsForm() && !slices.ContainsFunc(doc.SortedNames(), func(n string) bool { return doc.IsObject(n) }) {
		return plug.Received{}, plug.Unusable("payload", "is missing") // fields alone are no event
	}
	kind := in.Header.Get("X-GitHub-Event")
	if kind == "" {
		kind = guess(doc)
	}
	h := hook{Doc: doc, now: in.Now, repo: doc.Word("repository", "full_name"), home: doc.Text("repository", "html_url")}
	switch kind {
	case "push":
		return h.push()
	case "deployment":
		return h.deployment()
	case "deployment_status":
		return h.status()
	case "release":
		return h.release()
	case "workflow_run", "check_run", "check_suite":
		return h.run(kind)
	case "dependabot_alert", "secret_scanning_alert", "code_scanning_alert":
		return h.alert(kind)
	case "ping":
		return plug.Told("pong: the webhook is set up"), nil
	case "":
		return plug.Received{}, plug.Unusable("", "is no event of GitHub, and the header X-GitHub-Event is missing")
	}
	return plug.Told("nothing is made of the event " + kind), nil
}

// guess is the event of a body that came without its header, as through some
// relays.
func guess(doc plug.Doc) string {
	for _, kind := range [...]string{"deployment_status", "deployment", "workflow_run", "check_run", "check_suite", "release"} {
		if doc.IsObject(kind) {
			return kind
		}
	}
	switch {
	case doc.Has("ref") && doc.Has("after"):
		return "push"
	case doc.Has("zen"):
		return "ping"
	case doc.Has("alert", "security_advisory"):
		return "dependabot_alert"
	case doc.Has("alert", "secret_type"):
		return "secret_scanning_alert"
	case doc.Has("alert", "rule"):
		return "code_scanning_alert"
	case doc.Has("repository") || doc.Has("organization"):
		return "without a name"
	}
	return ""
}

// short is a commit's id as people write it.
func short(sha string) string {
	const shown = 7
	if len(sha) > shown {
		return sha[:shown]
	}
	return sha
}

func line(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return text
}
