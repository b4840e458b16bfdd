package twilio

import (
	"net/http"
	"net/url"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// What Respond needs to know of a call.
const (
	sort    = "sort" // of the call: one of the words below
	address = "url"  // it came to, without its query
	again   = "again"
	page    = "page"
	lineOf  = "line"
	codeOf  = "code"
	stepOf  = "step"

	sortKey     = "key"     // somebody pressed a key
	sortText    = "text"    // somebody replied
	sortWish    = "wish"    // somebody wants no more text messages, or wants them again
	sortOther   = "other"   // somebody wrote something else
	sortLine    = "line"    // somebody called an emergency line
	sortNobody  = "nobody"  // somebody called a number that takes no calls
	sortReceipt = "receipt" // what became of a message
)

const maxParams = 200

// Hear is plug.Callback. What the query of the address says was put there by
// ourselves: page and delivery name what the call is about, step where a call to
// an emergency line stands.
func (s *service) Hear(in plug.Inbound) (h plug.Heard, err error) {
	form, err := url.ParseQuery(string(in.Body))
	if err != nil || len(form) == 0 || len(form) > maxParams {
		return h, fault.New(fault.Invalid, "the body is no form of Twilio's").With("", "send application/x-www-form-urlencoded parameters, such as MessageSid and From")
	}
	signed, err := s.checked(in, form)
	if err != nil {
		return h, err
	}
	plain, _, _ := strings.Cut(in.URL, "?")
	h.Data = map[string]string{address: plain}
	c := call{service: s, in: in, form: form, signed: signed, heard: &h}
	switch {
	case in.Query.Get("page") != "":
		c.key()
	case in.Query.Get("delivery") != "" || form.Has("MessageStatus"):
		c.receipt()
	case form.Has("CallSid"):
		return h, c.line()
	case form.Has("MessageSid") || form.Has("SmsSid"):
		c.text()
	default:
		return h, fault.New(fault.Invalid, "this is neither a call nor a message").With("", "CallSid or MessageSid is missing")
	}
	return h, nil
}

// call is one call back.
type call struct {
	*service
	in     plug.Inbound
	form   url.Values
	signed bool
	heard  *plug.Heard
}

// key takes the key that was pressed when a page was read out. The token in the
// address names the page, so that it counts without a signature too; the key has
// to be right all the same.
func (c *call) key() {
	d := c.heard.Data
	d[sort], d[page], d[again] = sortKey, c.in.Query.Get("page"), c.in.Query.Get("again")
	key := c.form.Get("Digits")
	if key == "" {
		return
	}
	a := plug.PageAnswer{Channel: voice, From: c.form.Get("To"), Token: c.in.Query.Get("page"), Code: plug.Line(key, 12), Choice: plug.Acknowledge}
	if key == "0" {
		a.Code, a.Choice = "", plug.Unavailable
	}
	c.heard.Answers = []plug.PageAnswer{a}
}

// receipt takes what became of a message or call. Nobody but the provider may
// say so (B40). That a call was answered says little: a voicemail answers too.
func (c *call) receipt() {
	c.heard.Data[sort] = sortReceipt
	id := c.in.Query.Get("delivery")
	if !c.signed || id == "" {
		return
	}
	status := c.form.Get("MessageStatus")
	if status == "" {
		status = c.form.Get("CallStatus")
	}
	detail := plug.Line(strings.TrimSpace("twilio: "+status+" "+c.form.Get("ErrorCode")), 80)
	switch status {
	case "delivered", "read":
		c.heard.Receipts = []plug.Confirmation{{Delivery: id, Delivered: true, Detail: detail}}
	case "undelivered", "failed", "busy", "no-answer", "canceled":
		c.heard.Receipts = []plug.Confirmation{{Delivery: id, Detail: detail}}
	}
}

const codeDigits = 6

// codesIn are the numbers of six digits in a text.
func codesIn(text string) (out []string) {
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(run) == codeDigits {
			out = append(out, run)
		}
	}
	return out
}

// text takes a reply by text message: the six digits of the page, with or
// without words around them. A number in the body of a message proves nothing
// about who sent it unless the provider signed it.
func (c *call) text() {
	c.heard.Data[sort] = sortOther
	if !c.signed {
		return
	}
	body := c.form.Get("Body")
	if out, said := wish(c.form.Get("OptOutType"), body); said {
		// Twilio itself confirms it to whoever wrote, and blocks the number.
		c.heard.Data[sort] = sortWish
		c.heard.Wishes = []plug.Wish{{Channel: sms, Address: c.form.Get("From"), Out: out}}
		return
	}
	found := codesIn(body)
	if len(found) != 1 {
		c.heard.Data["signed"] = "yes"
		return // none, or two that could both be meant
	}
	a := plug.PageAnswer{Channel: sms, From: c.form.Get("From"), Code: found[0], Choice: plug.Acknowledge}
	for _, w := range strings.FieldsFunc(strings.ToLower(body), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch w {
		case "no", "unavailable", "cannot", "decline", "busy":
			a.Choice = plug.Unavailable
		}
	}
	c.heard.Data[sort] = sortText
	c.heard.Answers = []plug.PageAnswer{a}
}

// wish reads the words with which a number declines messages or wants them again,
// which stand alone in a message; a service with opt-outs of its own names its
// judgement beside them.
// https://help.twilio.com/articles/223134027 and
// https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
func wish(judged, body string) (out, said bool) {
	switch judged {
	case "STOP":
		return true, true
	case "START":
		return false, true
	}
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return true, true
	case "START", "UNSTOP":
		return false, true
	}
	return false, false
}

// Respond is plug.Callback.
func (s *service) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	switch h.Data[sort] {
	case sortKey:
		return s.afterKey(h, results)
	case sortText:
		return speak(reply{Text: words(h, results)})
	case sortOther:
		if len(h.Answers) == 0 && h.Data["signed"] != "" {
			return speak(reply{Text: "To answer a page, reply with the six digits it names."})
		}
		return speak()
	case sortWish:
		return speak()
	case sortLine:
		return s.afterLine(h)
	case sortNobody:
		return speak(s.say("This number takes no calls."), hangup{})
	}
	return plug.Reply{Status: http.StatusNoContent}
}

// words tells a person what became of the answer.
func words(h plug.Heard, results []plug.Result) string {
	if len(results) == 0 {
		return "Nothing was understood."
	}
	r := results[0]
	switch {
	case r.Err == nil && h.Answers[0].Choice == plug.Unavailable:
		return "Noted: you cannot join " + r.Incident + "."
	case r.Err == nil:
		return "Thank you. You have " + r.Incident + ": " + plug.Line(r.Title, 80)
	case fault.Is(r.Err, fault.Conflict):
		return "Nothing is left to answer on " + r.Incident + "."
	case fault.Is(r.Err, fault.Invalid):
		return r.Incident + " waits for somebody who has it. It goes on to the next person by itself."
	case fault.Is(r.Err, fault.Busy):
		return "Too many wrong codes. Follow the link in the page."
	}
	return "This code is not that of a page to you."
}

const maxAgain = 2

// afterKey ends the call, or asks again after a wrong key.
func (s *service) afterKey(h plug.Heard, results []plug.Result) plug.Reply {
	if len(results) == 0 || results[0].Err == nil || !fault.Is(results[0].Err, fault.NotFound) || len(h.Data[again]) >= maxAgain {
		return speak(s.say(words(h, results)), hangup{})
	}
	q := url.Values{"page": {h.Data[page]}, "again": {h.Data[again] + "x"}}
	return speak(gather{
		Input: "dtmf", NumDigits: 1, Timeout: 8, Action: h.Data[address] + "?" + q.Encode(), Method: http.MethodPost,
		Verbs: []any{s.say("That was not the key. Press the key that was named.")},
	}, s.say("No key was pressed. We will try another way."), hangup{})
}
