package twilio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// keyLike is the length from which a part of the address may be the hook's key.
const keyLike = 8

// ring is how many seconds a telephone rings before the call counts as not
// answered.
const ring = "25"

// Send puts m on the wire as a text message or a call.
//
// The API knows no idempotency keys: a resend after silence may reach the
// person twice. The key goes along for gateways that do know them.
func (s *service) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if !s.sends() {
		return plug.Receipt{}, &plug.Failure{Kind: plug.Permanent, Ours: true, Err: plainError("twilio has no account set up")}
	}
	form := url.Values{"To": {m.To}}
	resource := "Messages.json"
	if m.Channel == voice {
		if s.from == "" {
			return plug.Receipt{}, &plug.Failure{Kind: plug.Permanent, Ours: true, Err: plainError("a call needs a number to call from")}
		}
		resource = "Calls.json"
		form.Set("From", s.from)
		form.Set("Twiml", s.script(m))
		form.Set("Timeout", ring)
	} else {
		if s.service != "" {
			form.Set("MessagingServiceSid", s.service)
		} else {
			form.Set("From", s.from)
		}
		form.Set("Body", plug.ShortText(m))
	}
	if u := s.back("delivery", m.Delivery); u != "" && m.Delivery != "" {
		form.Set("StatusCallback", u)
	}
	return s.post(ctx, resource, form, m)
}

func (s *service) post(ctx context.Context, resource string, form url.Values, m plug.Message) (plug.Receipt, error) {
	ans, err := s.http.Do(ctx, plug.Request{
		URL: s.base + "/2010-04-01/Accounts/" + url.PathEscape(s.account) + "/" + resource,
		Header: http.Header{
			"Authorization":   {"Basic " + s.basic()},
			"Content-Type":    {"application/x-www-form-urlencoded"},
			"Accept":          {"application/json"},
			"Idempotency-Key": {m.Key},
		},
		Body: []byte(form.Encode()), Secrets: s.secrets(m),
	})
	if err != nil {
		return plug.Receipt{}, err
	}
	return s.outcome(ans, m)
}

// Opens is plug.Opener: it can call people into a conference.
func (s *service) Opens(part string) bool { return part == plug.RoomCall && s.sends() && s.from != "" }

// CallIn is plug.Conference: it calls somebody and, when they answer, connects them
// with everybody who was called into the same room
// (https://www.twilio.com/docs/voice/twiml/conference).
func (s *service) CallIn(ctx context.Context, c plug.CallIn) (plug.Receipt, error) {
	form := url.Values{
		"To": {c.To}, "From": {s.from}, "Timeout": {ring},
		"Twiml": {twiml(s.say(c.Say), dial{Conference: conference{Start: true, Beep: true, Name: c.Room}})},
	}
	return s.post(ctx, "Calls.json", form, plug.Message{Key: c.Key})
}

func (s *service) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(s.user + ":" + s.password.Reveal()))
}

// secrets are what an answer may repeat and nobody may read.
func (s *service) secrets(m plug.Message) []secret.String {
	out := []secret.String{s.password, secret.String(s.basic()), secret.String(m.AckURL), secret.String(url.QueryEscape(m.AckURL)), secret.String(m.Token), secret.String(m.Code)}
	if s.callback != nil {
		for _, part := range strings.Split(s.callback.Path, "/") {
			if len(part) >= keyLike {
				out = append(out, secret.String(part)) // the hook's key
			}
		}
	}
	return append(out, s.tokens...)
}

// answer is what the API says, to a success and to a failure.
type answer struct {
	SID     string          `json:"sid"`
	Status  json.RawMessage `json:"status"` // a word of the message, or the number of the failure
	Code    int             `json:"code"`
	Message string          `json:"message"`
}

// outcome judges an answer. A status that says little is judged by Twilio's own
// code.
func (s *service) outcome(ans plug.Answer, m plug.Message) (plug.Receipt, error) {
	var a answer
	_ = json.Unmarshal(ans.Body, &a) // an answer that is no JSON is judged by its status
	if err := ans.Failure(); err != nil {
		f := *plug.FailureOf(err)
		f.Ours = f.Ours || ours[a.Code]
		if a.Code == tooManyQueued {
			f.Kind = plug.Retry
		}
		return plug.Receipt{}, &f
	}
	status := strings.Trim(string(a.Status), `"`)
	return plug.Receipt{
		ProviderRef: plug.Clean(a.SID, s.secrets(m)...), Detail: plug.Clean(strings.TrimSpace("accepted " + status)), Confirms: s.confirms(m) && status != "",
	}, nil
}

// confirms reports whether a receipt will come that can be believed.
func (s *service) confirms(m plug.Message) bool {
	return s.callback != nil && m.Delivery != "" && len(s.tokens) > 0
}

const tooManyQueued = 21611

// ours are codes about the account or the number we send from; another provider
// may reach the person. https://www.twilio.com/docs/api/errors
var ours = map[int]bool{
	20003: true, // the credentials are wrong
	20005: true, // the account is not active
	20006: true, // access denied
	20008: true, // test credentials
	21210: true, // the number to call from is not verified
	21212: true, // the number to call from is not valid
	21215: true, // the account may not call this country
	21408: true, // the account may not text this region
	21603: true, // a number to text from is needed
	21606: true, // the number cannot send text messages
	21607: true, // the number is not ours
	21608: true, // a trial account, and a number nobody verified
	21611: true, // the number has too many messages queued
	21659: true, // the number is not of this country
	21660: true, // the number is of another account
	21703: true, // the messaging service has no number
	21705: true, // the messaging service is not known
}

type plainError string

func (e plainError) Error() string { return string(e) }
