// Package rapid7 starts scans at the console of Rapid7 InsightVM and reads how they
// end. It must not change a site, nor judge what a scan has found.
//
// Source: help.rapid7.com/insightvm/en-us/api (InsightVM API 3: "Start Scan",
// "Site Scans", "Scan").
package rapid7

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Name is the channel on which scans are started here.
const Name = "rapid7"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Rapid7 InsightVM", Desk: Name, Docs: "docs/integrations/rapid7.md",
			Fields: []plug.Field{
				{Key: "base_url", Title: "Console", Help: "Such as https://insightvm.example.com:3780. One inside your network needs --allow-outbound."},
				{Key: "user", Title: "User", Help: "That may start scans of the sites and see their results, and nothing else."},
				{Key: "password", Title: "Password", Secret: true},
				{Key: "site", Title: "Site", Help: "Number of the site that is scanned where nobody says another."},
				{Key: "template", Title: "Scan template", Help: "Such as full-audit-without-web-spider; that of the site when empty."},
			},
		},
		Open: open,
	}
}

// desk is the open plug-in; without a user it starts nothing.
type desk struct {
	http     *plug.HTTP
	base     string
	user     string
	password secret.String
	site     string
	template string
}

func open(cfg plug.Config) (any, error) {
	bad := fault.New(fault.Invalid, "open InsightVM: settings are not complete")
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	d := desk{base: base, user: cfg.Text("user"), password: cfg.Secret("password"), site: cfg.Text("site"), template: cfg.Text("template")}
	switch {
	case d.site != "" && !number(d.site):
		return nil, bad.With("site", "must be a number")
	case d.user == "" && d.password == "" && base == "":
		return d, nil
	case d.user == "" || d.password == "" || base == "":
		return nil, bad.With("user", "password and console are needed together")
	}
	d.http = cfg.Puller()
	return d, nil
}

func number(s string) bool { return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == "" }

// Desk implements plug.CaseDesk.
func (d desk) Desk() (plug.Desk, bool) {
	return plug.Desk{Kind: plug.CaseScan, Asks: []plug.Field{
		{Key: "site", Title: "Site", Default: d.site, Required: d.site == "", Help: "Its number."},
		{Key: "hosts", Title: "Hosts", Help: "Addresses of the site to scan alone, separated by spaces; all of it when empty."},
		{Key: "template", Title: "Scan template", Default: d.template},
	}}, d.http != nil
}

// Send implements plug.Channel: it starts a scan.
func (d desk) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if m.Kind != plug.CaseWanted || m.Case.Kind != plug.CaseScan || d.http == nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "InsightVM starts scans, and only with a user")
	}
	site := plug.First(m.Case.Params["site"], d.site)
	if !number(site) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "InsightVM: the site must be a number")
	}
	name := plug.Line(m.Subject, plug.MaxWord)
	if m.Again { // a second scan of the same would start
		if id, err := d.running(ctx, site, name); err != nil || id != "" {
			return plug.Receipt{Arrived: true, ProviderRef: id, Detail: "was running already"}, err
		}
	}
	in := map[string]any{"name": name}
	if hosts := strings.Fields(m.Case.Params["hosts"]); len(hosts) > 0 {
		in["hosts"] = hosts
	}
	if t := plug.First(m.Case.Params["template"], d.template); t != "" {
		in["templateId"] = t
	}
	doc, err := d.call(ctx, http.MethodPost, "/api/3/sites/"+site+"/scans", in)
	if err != nil {
		return plug.Receipt{}, err
	}
	id := doc.Text("id")
	if !number(id) {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "InsightVM: the answer names no scan")
	}
	return plug.Receipt{Arrived: true, ProviderRef: id, Detail: "site " + site}, nil
}

// running looks for a scan of the name that goes on.
func (d desk) running(ctx context.Context, site, name string) (string, error) {
	doc, err := d.call(ctx, http.MethodGet, "/api/3/sites/"+site+"/scans?active=true&size=100", nil)
	if err != nil {
		return "", err
	}
	for _, s := range doc.List("resources") {
		if s.Text("scanName") == name {
			return s.Text("id"), nil
		}
	}
	return "", nil
}

// over are the states in which a scan comes to no more results.
var over = map[string]bool{"finished": true, "stopped": true, "error": true, "aborted": true}

// Look implements plug.CaseDesk.
func (d desk) Look(ctx context.Context, ref string) (plug.CaseState, error) {
	if !number(ref) {
		return plug.CaseState{}, fault.New(fault.Invalid, "InsightVM: %q is no scan", ref)
	}
	doc, err := d.call(ctx, http.MethodGet, "/api/3/scans/"+ref, nil)
	if err != nil {
		return plug.CaseState{}, fault.Wrap(fault.Unavailable, err, "ask InsightVM")
	}
	out := plug.CaseState{Number: ref, Link: d.base + "/scan.jsp?scanid=" + ref, State: doc.Text("status")}
	if out.State == "" {
		return out, fault.New(fault.Unavailable, "InsightVM: the answer has no state of the scan")
	}
	out.Over = over[out.State]
	if v := doc.At("vulnerabilities"); v.IsObject() && out.Over {
		out.Result = found(doc)
	}
	if why := doc.Text("message"); why != "" && out.State != "finished" {
		out.Result = strings.TrimSpace(out.Result + " " + why)
	}
	return out, nil
}

func (d desk) call(ctx context.Context, method, path string, in any) (plug.Doc, error) {
	var body []byte
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(d.user+":"+d.password.Reveal()))}}
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return plug.Doc{}, plug.Fail(plug.Permanent, "InsightVM: %w", err)
		}
		body = b
		header.Set("Content-Type", "application/json")
	}
	ans, err := d.http.Do(ctx, plug.Request{Method: method, URL: d.base + path, Header: header, Body: body, Secrets: []secret.String{d.password, secret.String(header.Get("Authorization"))}, Still: true})
	if err != nil {
		return plug.Doc{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Doc{}, err
	}
	doc, err := plug.ReadDoc(ans.Body)
	if err != nil {
		return plug.Doc{}, plug.Fail(plug.Unknown, "InsightVM: the answer is not what its API documents")
	}
	return doc, nil
}
