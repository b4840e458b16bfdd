package plug

import (
	"crypto/x509"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/secret"
)

// Field is one setting of a plug-in, as the settings form shows it.
type Field struct {
	Key      string // snake_case, unique in the manifest
	Title    string // label
	Help     string // one sentence under the field
	Secret   bool   // never shown again after it was saved
	Required bool
	Default  string // used when the value is empty
}

// Manifest describes a plug-in. The console draws its form from it; core code
// never looks at Name.
type Manifest struct {
	Name     string   // folder name: "webhook"
	Title    string   // "Webhook"
	Channels []string // channels it serves: email, sms, voice, webhook ...; none when it is no Channel
	Ends     bool     // a page stands at the provider until it is ended: each gets an End when it is over
	Mirror   string   // channel under which it keeps copies of our incidents: pagerduty ...; empty when it keeps none
	Tickets  string   // channel under which it writes to the tickets that its Source tells of; empty when it writes none
	Pages    string   // channel under which it keeps a copy of our status page: statuspage ...; empty when it keeps none
	Rooms    []string // parts of a war room it can open: RoomChat, RoomMeeting ...; its value is an Opener
	Desk     string   // channel under which it opens cases, see CaseDesk: aws_support ...; empty when it opens none
	Source   string   // {source} below /hooks it serves: events, alertmanager ...; empty when it is none
	MaxBody  int64    // bytes of a payload it takes; MaxBody of the package when zero
	Path     string   // where a Source is called; /hooks/<source>/{key} when empty, and without {key} the key is in the payload
	Below    bool     // paths below its address are calls of it too, told by Inbound.Endpoint: senders put them there by themselves
	Setup    []string // what to do at the sender of a Source, a step each; {url} is the hook's address, {key} its key and {secret} its secret
	Sample   string   // a payload as the sender writes it, for trying the Source out
	Fields   []Field
	Docs     string // page in the repository: "docs/integrations/webhook.md"
}

// Address is where the Source is called; {key} stands for the integration key.
func (m Manifest) Address() string {
	if m.Path != "" {
		return m.Path
	}
	return "/hooks/" + m.Source + "/{key}"
}

// Plugin is one integration. Open returns a value whose capabilities (Channel,
// Source ...) are found by type assertion; when it holds connections it is an
// io.Closer too. Open makes no network call.
type Plugin struct {
	Manifest Manifest
	Open     func(cfg Config) (any, error)
}

// Config is what a plug-in is opened with.
type Config struct {
	Values  map[string]secret.String // by Field.Key; all are held as secrets, so that a printed Config says nothing
	Guard   *Guard                   // the only way to dial; nil means public addresses only
	HTTP    *HTTP                    // the only HTTP client; nil means a new one over Guard
	RootCAs *x509.CertPool           // certificate authorities for TLS that is not HTTP; the system's when nil
	Host    string                   // public host name of this installation, such as "allclear.example.com"; may be empty
}

// Text returns the value of key without surrounding space.
func (c Config) Text(key string) string { return strings.TrimSpace(c.Values[key].Reveal()) }

// Secret returns the value of key as it was saved.
func (c Config) Secret(key string) secret.String { return c.Values[key] }

// Int returns the value of key as a number, or otherwise when it is empty or no
// number.
func (c Config) Int(key string, otherwise int) int {
	n, err := strconv.Atoi(c.Text(key))
	if err != nil {
		return otherwise
	}
	return n
}

// Duration returns the value of key as a positive Go duration, or otherwise.
func (c Config) Duration(key string, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(c.Text(key))
	if err != nil || d <= 0 {
		return otherwise
	}
	return d
}
