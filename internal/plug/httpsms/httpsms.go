// Package httpsms carries text messages through any gateway that takes an HTTP
// call, described by an address, headers and a body with places for the message.
// It must not know a vendor: what differs between gateways is a setting.
package httpsms

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "httpsms", Title: "SMS gateway (HTTP)", Channels: []string{"sms"}, Docs: "docs/integrations/httpsms.md",
			Fields: []plug.Field{
				{Key: "url", Title: "Address", Required: true, Secret: true, Help: "May hold places such as {{to}}; they are escaped."},
				{Key: "method", Title: "Method", Default: "POST"},
				{Key: "headers", Title: "Headers", Secret: true, Help: "One a line, such as \"Authorization: Bearer ...\"."},
				{Key: "body", Title: "Body", Default: `{"to": "{{to}}", "text": "{{text}}", "id": "{{key}}"}`, Help: "Places: {{to}}, {{text}}, {{key}}, {{from}}. They are escaped as the content type asks."},
				{Key: "content_type", Title: "Content type", Default: "application/json", Help: "application/json, application/x-www-form-urlencoded or text/plain."},
				{Key: "from", Title: "Sender", Help: "What {{from}} stands for."},
				{Key: "success", Title: "Success", Help: "A text the answer holds when the gateway has taken the message, for gateways that answer 200 to a refusal. Empty: any 2xx."},
			},
		},
		Open: open,
	}
}

type gateway struct {
	http    *plug.HTTP
	url     string
	method  string
	headers http.Header
	body    string
	kind    string
	from    string
	success string
	secrets []secret.String
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
	asText = "text/plain"
)

var (
	place  = regexp.MustCompile(`\{\{\s*([a-z]*)\s*\}\}`)
	places = []string{"to", "text", "key", "from"}
)

func open(cfg plug.Config) (any, error) {
	g := &gateway{
		http: cfg.HTTP, url: cfg.Text("url"), method: strings.ToUpper(cfg.Text("method")), headers: http.Header{},
		body: cfg.Text("body"), kind: cfg.Text("content_type"), from: cfg.Text("from"), success: cfg.Text("success"),
	}
	if err := g.check(cfg); err != nil {
		return nil, err
	}
	if g.http == nil {
		g.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard})
	}
	return g, nil
}

// check refuses what could only fail when a page is due.
func (g *gateway) check(cfg plug.Config) error {
	bad := fault.New(fault.Invalid, "open plug-in httpsms: settings cannot be used")
	if u, err := url.Parse(place.ReplaceAllString(g.url, "x")); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		bad = bad.With("url", "must be an address that begins with https:// or http://, without user:password@")
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(g.url, "https://"), "http://"), "/")
	if place.MatchString(host) {
		bad = bad.With("url", "must not have a place in its host")
	}
	if g.method != http.MethodPost && g.method != http.MethodPut && g.method != http.MethodGet {
		bad = bad.With("method", "must be POST, PUT or GET")
	}
	if g.kind != asJSON && g.kind != asForm && g.kind != asText {
		bad = bad.With("content_type", "must be "+asJSON+", "+asForm+" or "+asText)
	}
	for _, text := range []string{g.url, g.body} {
		for _, m := range place.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(places, m[1]) {
				bad = bad.With("body", "{{"+m[1]+"}} is not a place: use to, text, key or from")
			}
		}
	}
	if all := g.url + g.body; !strings.Contains(place.ReplaceAllString(all, "{{$1}}"), "{{to}}") || !strings.Contains(place.ReplaceAllString(all, "{{$1}}"), "{{text}}") {
		bad = bad.With("body", "must have places for {{to}} and {{text}}")
	}
	if g.kind == asJSON && g.method != http.MethodGet && !json.Valid([]byte(fill(g.body, sample, quoted))) {
		bad = bad.With("body", "is no JSON once its places are filled: a place stands inside quotes")
	}
	if !g.readHeaders(cfg.Secret("headers").Reveal()) {
		bad = bad.With("headers", "one line is no header such as Authorization: Bearer ...")
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

// readHeaders reads one header a line; false where one cannot be read.
func (g *gateway) readHeaders(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !headerName.MatchString(name) || strings.ContainsAny(value, "\r\n\x00") {
			return false
		}
		g.headers.Add(name, value)
		g.secrets = append(g.secrets, secret.String(value))
		for _, w := range strings.Fields(value) {
			if len(w) >= wordLike {
				g.secrets = append(g.secrets, secret.String(w))
			}
		}
	}
	return true
}

// wordLike is the length from which a word of a header may be a secret.
const wordLike = 8

var (
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)
	sample     = map[string]string{"to": "+15550100", "text": "\"a\"", "key": "k", "from": "f"}
)

// Send fills the places and makes the call.
func (g *gateway) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	values := map[string]string{"to": m.To, "text": plug.ShortText(m), "key": m.Key, "from": g.from}
	escape := map[string]func(string) string{asJSON: quoted, asForm: url.QueryEscape, asText: func(s string) string { return s }}[g.kind]
	h := g.headers.Clone()
	if h.Get("Idempotency-Key") == "" {
		h.Set("Idempotency-Key", m.Key)
	}
	r := plug.Request{
		Method: g.method, URL: fill(g.url, values, url.QueryEscape), Header: h,
		Secrets: append([]secret.String{
			secret.String(m.AckURL), secret.String(url.QueryEscape(m.AckURL)), secret.String(m.Token), secret.String(m.Code),
		}, g.secrets...),
	}
	if g.method != http.MethodGet {
		h.Set("Content-Type", g.kind)
		r.Body = []byte(fill(g.body, values, escape))
	}
	ans, err := g.http.Do(ctx, r)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	if g.success != "" && !strings.Contains(string(ans.Body), g.success) {
		// Whose fault it is, the gateway does not say: another may do better.
		f := plug.Fail(plug.Permanent, "the gateway did not take it: %s", ans.Brief())
		f.Ours = true
		return plug.Receipt{}, f
	}
	return plug.Receipt{Detail: ans.Brief()}, nil
}

// fill puts escaped values into the places. What a value holds is never read as
// a place again.
func fill(text string, values map[string]string, escape func(string) string) string {
	return place.ReplaceAllStringFunc(text, func(p string) string {
		return escape(values[place.FindStringSubmatch(p)[1]])
	})
}

// quoted is a text as it stands inside the quotes of JSON.
func quoted(s string) string {
	doc, err := json.Marshal(s)
	if err != nil {
		return "" // a string can always be written: not reached
	}
	return string(doc[1 : len(doc)-1])
}

// Close ends idle connections.
func (g *gateway) Close() error { return g.http.Close() }
