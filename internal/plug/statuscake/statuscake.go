// Package statuscake reads what StatusCake posts to the webhook of a contact
// group: a form, or JSON with the same names. It must not ask StatusCake
// anything: it judges by the payload alone.
//
// Source: www.statuscake.com/kb/knowledge-base/how-to-use-the-web-hook-url.
package statuscake

import (
	"crypto/md5" // StatusCake's own token; nothing else rests on it
	"encoding/hex"
	"net/url"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "statuscake"

const sample = `{"Token": "", "Status": "Down", "StatusCode": 503, "URL": "https://shop.example.net/health", "IP": "203.0.113.4", "Tags": "shop,prod", "Name": "Shop", "CheckRate": 60, "Method": "Website"}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "StatusCake", Source: Name, Docs: "docs/integrations/statuscake.md", Sample: sample,
			Setup: []string{
				"In StatusCake: Alerting, Contact groups, New. Webhook URL {url}, method POST; leave repeat alerts off.",
				"In each test that is to arrive: Contact groups, and this one.",
				"Where the hook is to have a secret, it is StatusCake's token: printf %s '<user name in lower case><API key>' | md5sum",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	t, err := read(in)
	if why := proof(in, t); why != nil {
		return plug.Received{}, why
	}
	if err != nil {
		return plug.Received{}, err
	}
	name, address := t.First("name", "testname", "websitename"), t.First("url", "websiteurl")
	key := plug.DedupKey("test", t.First("checkid", "testid", "id"))
	if key == "" {
		key = plug.DedupKey("name", name, address)
	}
	if key == "" {
		return plug.Received{}, plug.Unusable("/Name", "is needed, or URL: there is nothing to know the test by")
	}
	state := t.Text("status")
	if state == "" {
		return plug.Received{}, plug.Unusable("/Status", "is needed: Up or Down")
	}
	return plug.Received{Signals: []alert.Signal{signal(t, key, plug.First(name, address, key), address, state)}}, nil
}

// read takes the body, and the query for what a webhook URL with replacement
// values such as |STATUS| adds.
func read(in plug.Inbound) (plug.Doc, error) {
	t, err := in.Doc()
	if err != nil && (len(in.Body) > 0 || in.Query.Get("Status") == "") {
		return plug.Doc{}, err
	}
	return plug.FormDoc(in.Query).Fold().Over(t.Fold()), nil
}

// proof accepts StatusCake's token, which is md5(user name + API key) and the
// same in every call, or what every hook accepts. The secret is the token, or
// what it is made of.
func proof(in plug.Inbound, t plug.Doc) error {
	err := in.CheckShared()
	given := strings.ToLower(t.Text("token"))
	if err == nil || given == "" || !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	good := false // every secret is tried, whatever the outcome so far
	for _, s := range in.Secrets() {
		sum := md5.Sum([]byte(s.Reveal()))
		good = secret.String(strings.ToLower(s.Reveal())).Equal(given) || good
		good = secret.String(hex.EncodeToString(sum[:])).Equal(given) || good
	}
	if good {
		return nil
	}
	return err
}

func signal(t plug.Doc, key, name, address, state string) alert.Signal {
	s := alert.Signal{
		Source: Name, Action: plug.Action(state), DedupKey: key, Summary: name + " is " + strings.ToLower(state), Severity: "critical", // an outage as customers see it
		Origin: plug.Line(plug.First(host(address), t.Text("ip")), plug.MaxWord), Component: plug.Line(name, plug.MaxWord), Class: plug.Line(t.First("method", "testtype"), plug.MaxWord),
		Labels: plug.Tags(t.Texts("tags")), Details: t.Without("token"), Client: "StatusCake", // the token is a secret
	}
	if code := t.First("statuscode", "code"); s.Action == alert.Trigger && code != "" {
		s.Summary += ": " + code
		if code == "0" {
			s.Summary = strings.TrimSuffix(s.Summary, "0") + "no answer in time"
		}
	}
	s.Summary = plug.Line(s.Summary, plug.MaxSummary)
	s.Links = plug.AddLink(s.Links, address, "What is checked")
	return s
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
