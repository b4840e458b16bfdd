// Package twilio carries text messages and calls through the Messages and Calls
// resources of Twilio's API (2010-04-01) or of a service that speaks it, and
// reads what comes back: replies, keys, delivery receipts, and calls to the
// emergency lines. It must not decide whose page an answer is for, nor believe a
// call that is not signed.
package twilio

import (
	"net/url"
	"regexp"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// The channels it serves.
const (
	sms   = "sms"
	voice = "voice"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "twilio", Title: "Twilio", Channels: []string{sms, voice}, Rooms: []string{plug.RoomCall}, Source: "twilio", MaxBody: 64 << 10, Docs: "docs/integrations/twilio.md",
			Fields: []plug.Field{
				{Key: "account_sid", Title: "Account SID", Help: "Begins with AC."},
				{Key: "auth_token", Title: "Auth token", Secret: true, Help: "Signs what Twilio sends here; without it replies and receipts are not believed. During a rotation enter the present and the next one, separated by a space."},
				{Key: "api_key", Title: "API key SID", Help: "Begins with SK; used for sending instead of the auth token."},
				{Key: "api_secret", Title: "API key secret", Secret: true},
				{Key: "from", Title: "Number to send from", Help: "E.164, such as +15550100; for text messages and calls."},
				{Key: "messaging_service", Title: "Messaging service SID", Help: "Begins with MG; used for text messages instead of the number."},
				{Key: "callback_url", Title: "Address for calls back", Help: "https://<this installation>/hooks/twilio/<key>, with a hook key of your own. Without it, calls cannot be answered by a key and receipts do not come."},
				{Key: "language", Title: "Language of calls", Default: "en-US"},
				{Key: "emergency_line", Title: "Enterprise emergency line", Default: "+15558324911", Help: "Calls to this number ask for a customer code and a message."},
				{Key: "operations_line", Title: "Platform operations line", Default: "+15558324677", Help: "Calls to this number record a message."},
				{Key: "base_url", Title: "API address", Default: "https://api.twilio.com"},
			},
		},
		Open: open,
	}
}

// service is the open plug-in.
type service struct {
	http     *plug.HTTP
	base     string
	account  string
	user     string
	password secret.String
	tokens   []secret.String // that may have signed a call
	from     string
	service  string
	callback *url.URL // nil: nobody can call back
	language string
	lines    map[string]line
}

var (
	number  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	account = regexp.MustCompile(`^[A-Za-z0-9]{4,64}$`)
)

func open(cfg plug.Config) (any, error) {
	s := &service{
		http: cfg.HTTP, base: strings.TrimSuffix(cfg.Text("base_url"), "/"), account: cfg.Text("account_sid"), from: cfg.Text("from"),
		service: cfg.Text("messaging_service"), language: cfg.Text("language"),
		lines: map[string]line{},
	}
	for _, w := range strings.Fields(cfg.Text("auth_token")) {
		s.tokens = append(s.tokens, secret.String(w))
	}
	s.user, s.password = cfg.Text("api_key"), cfg.Secret("api_secret")
	if s.user == "" && len(s.tokens) > 0 {
		s.user, s.password = s.account, s.tokens[0]
	}
	for _, l := range knownLines() {
		if n := cfg.Text(l.setting); n != "" {
			s.lines[n] = l
		}
	}
	if s.http == nil {
		s.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard})
	}
	return s, s.check(cfg)
}

// check refuses settings with which nothing could be sent. Without an account
// the plug-in only hears.
func (s *service) check(cfg plug.Config) error {
	bad := fault.New(fault.Invalid, "open plug-in twilio: settings are not complete")
	if raw := cfg.Text("callback_url"); raw != "" {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			bad = bad.With("callback_url", "must be an address such as https://allclear.example.com/hooks/twilio/<key>")
		}
		s.callback = u
	}
	if s.from != "" && !number.MatchString(s.from) {
		bad = bad.With("from", "must be a number in E.164 such as +15550100")
	}
	if s.sends() {
		if !account.MatchString(s.account) {
			bad = bad.With("account_sid", "is needed for sending, and is letters and digits")
		}
		if s.user == "" || s.password == "" {
			bad = bad.With("auth_token", "is needed for sending, or an API key and its secret")
		}
		if s.from == "" && s.service == "" {
			bad = bad.With("from", "is needed for sending, or a messaging service")
		}
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

// sends reports whether somebody set it up for sending.
func (s *service) sends() bool { return s.account+s.user+s.from+s.service != "" }

// back is where Twilio calls back about something; empty when it cannot.
func (s *service) back(query ...string) string {
	if s.callback == nil {
		return ""
	}
	u := *s.callback
	q := u.Query()
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			q.Set(query[i], query[i+1])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Close ends idle connections.
func (s *service) Close() error { return s.http.Close() }
