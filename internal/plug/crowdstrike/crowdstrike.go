// Package crowdstrike reads the alerts of CrowdStrike Falcon, asked for or posted, as
// alerts of security, and can cut a machine off the network when somebody has
// approved that. It must not decide what an alert means, nor contain anything by
// itself.
//
// Sources: Falcon's API documentation: "OAuth2-Based APIs" (/oauth2/token), "Alerts"
// (/alerts/queries/alerts/v2, /alerts/entities/alerts/v2), "Hosts"
// (/devices/queries/devices/v1, /devices/entities/devices-actions/v2).
package crowdstrike

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "crowdstrike"

const sample = `{
  "composite_id": "0123abcd:ind:0123abcd:456-789-10", "created_timestamp": "2026-03-02T03:04:05.123456789Z", "updated_timestamp": "2026-03-02T03:04:06Z",
  "status": "new", "severity": 70, "severity_name": "High", "name": "Credential dumping", "display_name": "CredentialDumping",
  "description": "A process read the memory of the local security authority.", "tactic": "Credential Access", "technique": "OS Credential Dumping", "type": "ldt", "product": "epp",
  "device": {"device_id": "9b1d8f00aa11bb22cc33dd44ee55ff66", "hostname": "build-7", "platform_name": "Linux"}, "user_name": "ci",
  "falcon_host_link": "https://falcon.crowdstrike.com/activity-v2/detections/0123abcd"
}`

const defaultBase = "https://api.crowdstrike.com"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "CrowdStrike Falcon", Source: Name, Docs: "docs/integrations/crowdstrike.md", Sample: sample,
			Fields: []plug.Field{
				{Key: "client_id", Title: "Client ID", Help: "Of an API client with Alerts: read; for cutting off machines Hosts: read and write as well."},
				{Key: "client_secret", Title: "Client secret", Secret: true},
				{Key: "service", Title: "Service", Help: "The service that alerts found by asking belong to. With it alerts are asked for every minute."},
				{Key: "min_severity", Title: "Least severity", Default: "40", Help: "From 0 to 100: alerts below it are not asked for. 40 is medium, 60 high, 80 critical."},
				{Key: "base_url", Title: "API address", Default: defaultBase, Help: "That of your cloud, such as https://api.eu-1.crowdstrike.com."},
			},
			Setup: []string{
				"Alerts are asked for with the API client of the settings; that is enough.",
				"To have them posted as well: in Falcon, Fusion SOAR, make a workflow on alerts that calls the webhook {url} with the alert as JSON, and {secret} as bearer token where the hook has a secret.",
			},
		},
		Open: open,
	}
}

// falcon is the open plug-in; without a client it only hears.
type falcon struct {
	http    *plug.HTTP
	base    string
	id      string
	key     secret.String
	service string
	least   int
	access  *plug.Token
	now     func() time.Time
}

func open(cfg plug.Config) (any, error) {
	bad := fault.New(fault.Invalid, "open CrowdStrike: settings are not complete")
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	f := falcon{base: plug.First(base, defaultBase), id: cfg.Text("client_id"), key: cfg.Secret("client_secret"), service: cfg.Text("service"), access: &plug.Token{}, now: time.Now}
	const worst = 100
	if f.least, err = strconv.Atoi(plug.First(cfg.Text("min_severity"), "40")); err != nil || f.least < 0 || f.least > worst {
		return nil, bad.With("min_severity", "must be from 0 to 100")
	}
	if (f.id == "") != (f.key == "") {
		return nil, bad.With("client_secret", "and the client ID are needed together")
	}
	if f.id != "" {
		f.http = cfg.Puller()
	}
	return f, nil
}

// Parse implements plug.Source: an alert, or what the API answers with several.
func (falcon) Parse(in plug.Inbound) (plug.Received, error) {
	t, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	list := t.List("resources")
	if list == nil {
		list = []plug.Doc{t}
	}
	var out plug.Received
	for _, a := range list {
		s, ok := signal(a)
		if !ok {
			return plug.Received{}, plug.Unusable("/composite_id", "is needed: there is nothing to know the alert by")
		}
		out.Signals = append(out.Signals, s)
	}
	if len(out.Signals) == 0 {
		return plug.Told("there is no alert in it"), nil
	}
	return out, nil
}

// signal is an alert as it stands: closed is over, whatever the verdict.
func signal(t plug.Doc) (alert.Signal, bool) {
	id := t.First("composite_id", "id")
	if id == "" {
		return alert.Signal{}, false
	}
	host := t.Text("device", "hostname")
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.DedupKey("alert", id), Severity: severity(t), Origin: plug.Line(cmp.Or(host, t.Text("device", "device_id")), plug.MaxWord),
		Component: plug.Line(t.First("product", "type"), plug.MaxWord), Class: "security", Group: plug.Line(t.Text("tactic"), plug.MaxWord), Client: "CrowdStrike Falcon",
		Details: t.Any(), StartedAt: t.FirstTime("created_timestamp", "timestamp"),
	}
	if t.Text("status") == "closed" {
		s.Action = alert.Resolve
	}
	s.Summary = plug.First(t.First("name", "display_name"), "Falcon alert "+id)
	if host != "" {
		s.Summary += " on " + host
	}
	if why := t.Text("description"); why != "" {
		s.Summary += ": " + why
	}
	s.Summary = plug.Line(s.Summary, plug.MaxSummary)
	for name, value := range map[string]string{"technique": t.Text("technique"), "user": t.Text("user_name"), "device_id": t.Text("device", "device_id"), "status": t.Text("status")} {
		s.Labels = plug.AddLabel(s.Labels, name, value)
	}
	s.Links = plug.AddLink(s.Links, t.Text("falcon_host_link"), "Alert")
	if len(s.Links) > 0 {
		s.ClientURL = s.Links[0].Href
	}
	return s, true
}

// severity reads Falcon's number: 80 and above is critical, 60 high, 40 medium.
func severity(t plug.Doc) string {
	n := t.Number("severity")
	switch {
	case n >= 80:
		return "critical"
	case n >= 60:
		return "error"
	case n >= 40:
		return "warning"
	case n > 0:
		return "info"
	}
	return plug.Severity(t.Text("severity_name"))
}

// Polls implements plug.Poller.
func (f falcon) Polls() (service string, ok bool) { return f.service, f.http != nil && f.service != "" }

const (
	perPage  = 1000
	maxPages = 10
	// back is how long an alert that was closed is still told of as well.
	back = 24 * time.Hour
)

// Poll implements plug.Poller: the alerts in hand, and those closed a short while ago.
func (f falcon) Poll(ctx context.Context, now time.Time) ([]alert.Signal, error) {
	least := "severity:>=" + strconv.Itoa(f.least)
	open, err := f.alerts(ctx, "status:['new','in_progress','reopened']+"+least)
	if err != nil {
		return nil, asked(err)
	}
	closed, err := f.alerts(ctx, "status:'closed'+"+least+"+updated_timestamp:>'"+now.Add(-back).UTC().Format(time.RFC3339)+"'")
	if err != nil {
		return nil, asked(err)
	}
	return append(open, closed...), nil
}

func asked(err error) error { return fault.Wrap(fault.Unavailable, err, "ask CrowdStrike") }

// alerts reads what a filter finds, page by page.
func (f falcon) alerts(ctx context.Context, filter string) (out []alert.Signal, err error) {
	for page := range maxPages {
		q := url.Values{"filter": {filter}, "limit": {strconv.Itoa(perPage)}, "offset": {strconv.Itoa(page * perPage)}, "sort": {"created_timestamp|desc"}}
		doc, err := f.call(ctx, http.MethodGet, "/alerts/queries/alerts/v2?"+q.Encode(), nil)
		if err != nil {
			return nil, err
		}
		ids := doc.Texts("resources")
		if len(ids) == 0 {
			return out, nil
		}
		if doc, err = f.call(ctx, http.MethodPost, "/alerts/entities/alerts/v2", map[string]any{"composite_ids": ids}); err != nil {
			return nil, err
		}
		for _, a := range doc.List("resources") {
			if s, ok := signal(a); ok {
				out = append(out, s)
			}
		}
		if len(ids) < perPage {
			return out, nil
		}
	}
	return nil, plug.Fail(plug.Retry, "there are more than %d alerts", perPage*maxPages)
}

// call makes one call with a token, which it fetches anew where it has to.
func (f falcon) call(ctx context.Context, method, path string, in any) (plug.Doc, error) {
	token, err := f.access.Get(ctx, f.now(), f.fetch)
	if err != nil {
		return plug.Doc{}, err
	}
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + token.Reveal()}}
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return plug.Doc{}, plug.Fail(plug.Permanent, "CrowdStrike: %w", err)
		}
		header.Set("Content-Type", "application/json")
	}
	ans, err := f.http.Do(ctx, plug.Request{Method: method, URL: f.base + path, Header: header, Body: body, Secrets: []secret.String{token, f.key}, Still: true})
	if err != nil {
		return plug.Doc{}, err
	}
	doc, err := f.answered(ans)
	if ans.Status >= http.StatusInternalServerError && strings.HasPrefix(path, onDevices) {
		err = plug.Unsure(err)
	}
	if ans.Status == http.StatusUnauthorized { // the token has ended early: the next try has another
		f.access.Forget(token)
		err = plug.Again(err)
	}
	return doc, err
}

// answered reads an answer, or why there is none: Falcon lists what went wrong, at
// times beside a good status.
func (f falcon) answered(ans plug.Answer) (plug.Doc, error) {
	doc, err := plug.ReadDoc(ans.Body)
	why := ""
	if list := doc.List("errors"); len(list) > 0 {
		why = plug.Clean(plug.Line(list[0].Text("code")+" "+list[0].Text("message"), plug.MaxSummary), f.key)
	}
	switch failed := ans.Failure(); {
	case failed != nil && why != "":
		kept := *plug.FailureOf(failed)
		kept.Err = fault.New(fault.Unavailable, "CrowdStrike answers: %s", why)
		return plug.Doc{}, &kept
	case failed != nil:
		return plug.Doc{}, failed
	case err != nil || ans.Cut:
		return plug.Doc{}, plug.Fail(plug.Unknown, "CrowdStrike: the answer is not what its API documents")
	case why != "":
		return plug.Doc{}, plug.Fail(plug.Permanent, "CrowdStrike answers: %s", why)
	}
	return doc, nil
}

func (f falcon) fetch(ctx context.Context) (secret.String, time.Duration, error) {
	form := url.Values{"client_id": {f.id}, "client_secret": {f.key.Reveal()}}
	ans, err := f.http.Do(ctx, plug.Request{URL: f.base + "/oauth2/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}, Body: []byte(form.Encode()), Secrets: []secret.String{f.key}, Still: true})
	if err != nil {
		return "", 0, err
	}
	doc, err := f.answered(ans)
	if err != nil {
		return "", 0, err
	}
	token := secret.String(doc.Text("access_token"))
	if token == "" {
		return "", 0, plug.Fail(plug.Retry, "CrowdStrike gives no access token")
	}
	return token, time.Duration(doc.Number("expires_in")) * time.Second, nil
}
