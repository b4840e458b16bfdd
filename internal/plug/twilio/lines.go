package twilio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// line is an emergency line that people call.
type line struct {
	setting  string // that holds its number
	name     string
	class    string // of the alert
	greeting string
	code     bool // asks for a customer code
}

func knownLines() []line {
	return []line{
		{
			setting: "emergency_line", name: "enterprise emergency line", class: alert.EmergencyCall, code: true,
			greeting: "This is the enterprise emergency line. Our engineers on call are being paged now.",
		},
		{
			setting: "operations_line", name: "platform operations line", class: alert.OperationsCall,
			greeting: "This is platform operations. The engineer on call is being paged now.",
		},
	}
}

// Steps of a call to a line.
const (
	stepCode    = "code"    // the code was typed, or was not
	stepMessage = "message" // the message was recorded
	maxMessage  = 300       // seconds
)

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// line hears a call to an emergency line. The very first sign of it opens the
// alert, so that a caller who hangs up is not lost; what is said later joins the
// same alert, whose key is that of the call.
func (c *call) line() error {
	d := c.heard.Data
	l, ok := c.lines[c.form.Get("To")]
	if !ok {
		d[sort] = sortNobody
		return nil
	}
	sid := c.form.Get("CallSid")
	if sid == "" || plug.TooLong(sid, plug.MaxDedup) {
		return fault.New(fault.Invalid, "the call has no id").With("CallSid", "is missing or too long")
	}
	step := c.in.Query.Get("step")
	typed := c.form.Get("Digits")
	if step != stepCode {
		typed = c.in.Query.Get("code")
	}
	if !digits.MatchString(typed) {
		typed = ""
	}
	d[sort], d[lineOf], d[stepOf], d[codeOf] = sortLine, l.setting, step, typed
	if status := c.form.Get("CallStatus"); step == "" && status != "" && status != "ringing" && status != "in-progress" && status != "queued" {
		d[sort] = sortReceipt // the call is over; its beginning was heard
		return nil
	}
	c.heard.Signals = []alert.Signal{c.signal(l, sid, typed)}
	return nil
}

func (c *call) signal(l line, sid, typed string) alert.Signal {
	from := plug.Line(c.form.Get("From"), 40)
	if from == "" {
		from = "an unknown number"
	}
	s := alert.Signal{
		Source: "twilio", Action: alert.Trigger, DedupKey: sid, Severity: "critical", Class: l.class,
		Summary: "Call to the " + l.name + " from " + from, Origin: from, Component: l.name,
		Labels: map[string]string{"channel": "phone", "caller": from, "line": plug.Line(c.form.Get("To"), 40)},
	}
	details := map[string]string{"call_sid": sid}
	for key, param := range map[string]string{"caller_name": "CallerName", "city": "FromCity", "country": "FromCountry", "seconds": "RecordingDuration", "recording_sid": "RecordingSid"} {
		if v := plug.Line(c.form.Get(param), 200); v != "" {
			details[key] = v
		}
	}
	if typed != "" {
		s.Labels["customer_code"] = typed
		s.Summary += ", customer code " + typed
	}
	if u, err := url.Parse(c.form.Get("RecordingUrl")); err == nil && u.Scheme == "https" && u.Host != "" {
		s.Links = []alert.Link{{Href: u.String(), Text: "Recorded message"}}
	}
	s.Details = details
	return s
}

// afterLine says what comes next in the call.
func (s *service) afterLine(h plug.Heard) plug.Reply {
	l := line{}
	for _, known := range knownLines() {
		if known.setting == h.Data[lineOf] {
			l = known
		}
	}
	to := func(step, typed string) string {
		q := url.Values{"step": {step}}
		if typed != "" {
			q.Set("code", typed)
		}
		return h.Data[address] + "?" + q.Encode()
	}
	message := []any{
		s.say("After the tone, say who you are and what has happened. Press the hash key when you are done."),
		record{MaxLength: maxMessage, Timeout: 10, FinishOnKey: "#", Beep: true, Action: to(stepMessage, h.Data[codeOf]), Method: http.MethodPost},
		s.say("No message was recorded. Our engineers know your number."),
		hangup{},
	}
	switch {
	case h.Data[stepOf] == stepMessage:
		return speak(s.say("Thank you. Your message was passed on."), hangup{})
	case h.Data[stepOf] == stepCode && h.Data[codeOf] != "":
		return speak(append([]any{s.say("Thank you. Your code is " + strings.Join(strings.Split(h.Data[codeOf], ""), " ") + ".")}, message...)...)
	case h.Data[stepOf] == stepCode:
		return speak(message...)
	case l.code:
		return speak(s.say(l.greeting), gather{
			Input: "dtmf", FinishOnKey: "#", Timeout: 8, Action: to(stepCode, ""), Method: http.MethodPost,
			Verbs: []any{s.say("Enter your customer code, and then the hash key. Or wait, to leave a message.")},
		}, redirect{Method: http.MethodPost, URL: to(stepCode, "")})
	}
	return speak(append([]any{s.say(l.greeting)}, message...)...)
}
