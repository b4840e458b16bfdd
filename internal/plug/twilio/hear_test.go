package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the vendor's algorithm
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/twilio"
)

func hearing(t testing.TB, values map[string]string) plug.Callback {
	t.Helper()
	return plugtest.Open(t, twilio.Plugin(), plugtest.Config(values)).(plug.Callback)
}

// calling is a call of the vendor, signed with the token unless it is empty.
func calling(token, query string, form map[string]string) plug.Inbound {
	v := url.Values{}
	for k, s := range form {
		v.Set(k, s)
	}
	in := plug.Inbound{URL: back, Header: http.Header{}, ContentType: "application/x-www-form-urlencoded", Body: []byte(v.Encode()), Now: now, ID: "unique"}
	if query != "" {
		in.URL += "?" + query
		in.Query, _ = url.ParseQuery(query)
	}
	if token != "" {
		in.Header.Set("X-Twilio-Signature", signature(token, in.URL, form))
	}
	return in
}

func signature(token, address string, form map[string]string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, k := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(k + form[k]))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The example of the vendor's own libraries.
func TestTheSignatureIsTheVendors(t *testing.T) {
	form := map[string]string{"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}
	const address = "https://mycompany.com/myapp.php?foo=1&bar=2"
	if got := signature("12345", address, form); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Fatalf("the test signs %s", got)
	}
	s := settings("https://api.twilio.com")
	s["auth_token"] = "12345"
	in := calling("", "", form)
	in.URL = address
	in.Header.Set("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
	if _, err := hearing(t, s).Hear(in); err != nil {
		t.Error(err)
	}
}

// Nothing is heard that is not signed, where a token is known: neither a
// receipt, nor an answer, nor a call.
//
// Clauses: INT-SMS
// INV-A6, INV-P5, B40
func TestForgedCallsAreRefused(t *testing.T) {
	cb := hearing(t, settings("https://api.twilio.com"))
	forms := map[string]map[string]string{
		"delivery=d42": {"MessageSid": "SM1", "MessageStatus": "delivered"},
		"page=tok-en":  {"CallSid": "CA1", "Digits": "7"},
		"":             {"MessageSid": "SM1", "From": "+15550100001", "Body": "123456"},
		"step=code":    {"CallSid": "CA1", "From": "+1", "To": "+15558324911", "Digits": "12"},
	}
	for query, form := range forms {
		good := calling(token, query, form)
		if _, err := cb.Hear(good); err != nil {
			t.Errorf("%s: a signed call: %v", query, err)
		}
		for name, spoil := range map[string]func(*plug.Inbound){
			"unsigned":      func(in *plug.Inbound) { in.Header = http.Header{} },
			"another token": func(in *plug.Inbound) { in.Header = calling("another", query, form).Header },
			"no base64":     func(in *plug.Inbound) { in.Header.Set("X-Twilio-Signature", "%%%") },
			"empty":         func(in *plug.Inbound) { in.Header.Set("X-Twilio-Signature", "") },
			"another path":  func(in *plug.Inbound) { in.URL += "x" },
			"a parameter":   func(in *plug.Inbound) { in.Body = append(in.Body, "&X=1"...) },
		} {
			in := calling(token, query, form)
			spoil(&in)
			if h, err := cb.Hear(in); !fault.Is(err, fault.Unauthenticated) || len(h.Answers)+len(h.Receipts)+len(h.Signals) > 0 {
				t.Errorf("%s %s: %v %+v", query, name, err, h)
			}
		}
	}
	port := calling("", "", forms[""])
	port.Header.Set("X-Twilio-Signature", signature(token, strings.Replace(back, ".test/", ".test:443/", 1), forms[""]))
	if _, err := cb.Hear(port); err != nil {
		t.Errorf("signed with the port of the scheme: %v", err)
	}
	s := settings("https://api.twilio.com")
	s["auth_token"] = "present " + token
	if _, err := hearing(t, s).Hear(calling(token, "", forms[""])); err != nil {
		t.Errorf("the next token of a rotation: %v", err)
	}
	delete(s, "auth_token")
	s["api_key"], s["api_secret"] = "SK1", "api-secret-0123456789"
	in := calling("", "", forms[""])
	in.Secret = token
	if _, err := hearing(t, s).Hear(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the hook's own secret is not asked for: %v", err)
	}
}

// Without a token to check with, calls are answered and open an alert; receipts
// and codes are not believed.
//
// INV-P5, B40
func TestUnsignedCallsSayLittle(t *testing.T) {
	cb := hearing(t, nil)
	for query, form := range map[string]map[string]string{
		"delivery=d42": {"MessageSid": "SM1", "MessageStatus": "delivered"},
		"":             {"MessageSid": "SM1", "From": "+15550100001", "Body": "123456"},
	} {
		h, err := cb.Hear(calling("", query, form))
		if err != nil || len(h.Answers)+len(h.Receipts)+len(h.Signals) > 0 {
			t.Errorf("%s: %+v %v", query, h, err)
		}
		if r := cb.Respond(h, nil); r.Status >= 300 {
			t.Errorf("%s: %+v", query, r)
		}
	}
	h, err := cb.Hear(calling("", "page=tok-en", map[string]string{"CallSid": "CA1", "Digits": "7"}))
	if err != nil || len(h.Answers) != 1 || h.Answers[0].Token != "tok-en" || h.Answers[0].Code != "7" {
		t.Errorf("a key, with the page's token: %+v %v", h, err)
	}
}

// Clauses: PLT-RT-MSG, RSP-S1-ACK
func TestReplies(t *testing.T) {
	cb := hearing(t, settings("https://api.twilio.com"))
	for body, want := range map[string]string{
		"123456": "123456 acknowledge", "123456 ack": "123456 acknowledge", "ACK 123456!": "123456 acknowledge", " \n123456\n": "123456 acknowledge",
		"no 123456": "123456 unavailable", "Unavailable, 123456": "123456 unavailable", "I know: 123456": "123456 acknowledge",
		"ack": "", "1234567": "", "12345": "", "123456 654321": "", "": "", "٣٤٥٦٧٨": "",
	} {
		h, err := cb.Hear(calling(token, "", map[string]string{"MessageSid": "SM1", "From": "+15550100001", "To": "+15550000001", "Body": body}))
		if err != nil {
			t.Errorf("%q: %v", body, err)
			continue
		}
		got := ""
		for _, a := range h.Answers {
			got = a.Code + " " + a.Choice
			if a.Channel != "sms" || a.From != "+15550100001" || a.Token != "" {
				t.Errorf("%q: %+v", body, a)
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
		if r := cb.Respond(h, nil); r.Status != 200 {
			t.Errorf("%q: %+v", body, r)
		}
	}
}

// Clauses: INT-PHONE
// B40
func TestReceipts(t *testing.T) {
	cb := hearing(t, settings("https://api.twilio.com"))
	for status, want := range map[string]string{
		"queued": "", "sent": "", "delivered": "true", "undelivered": "false", "failed": "false", "no-answer": "false", "busy": "false", "canceled": "false",
		"in-progress": "", "completed": "", // a voicemail answers too
	} {
		param := "MessageStatus"
		if strings.Contains("no-answer busy canceled in-progress completed", status) {
			param = "CallStatus"
		}
		h, err := cb.Hear(calling(token, "delivery=d42", map[string]string{"CallSid": "CA1", param: status, "ErrorCode": "30003"}))
		got := ""
		for _, r := range h.Receipts {
			got = map[bool]string{true: "true", false: "false"}[r.Delivered]
			if r.Delivery != "d42" || !strings.Contains(r.Detail, "30003") {
				t.Errorf("%s: %+v", status, r)
			}
		}
		if err != nil || got != want || len(h.Signals)+len(h.Answers) > 0 {
			t.Errorf("%s: %q, want %q (%v)", status, got, want, err)
		}
	}
}

// What a person is told of the answer.
func TestWords(t *testing.T) {
	cb := hearing(t, settings("https://api.twilio.com"))
	say := func(query string, form map[string]string, r plug.Result) string {
		h, err := cb.Hear(calling(token, query, form))
		if err != nil || len(h.Answers) != 1 {
			t.Fatalf("%+v %v", h, err)
		}
		body := string(cb.Respond(h, []plug.Result{r}).Body)
		wellFormed(t, body)
		return body
	}
	text := map[string]string{"MessageSid": "SM1", "From": "+15550100001", "Body": "123456"}
	for want, err := range map[string]error{
		"You have INC-42: a &lt;b&gt;": nil, "Nothing is left": fault.New(fault.Conflict, "x"), "goes on to the next": fault.New(fault.Invalid, "x"),
		"Too many": fault.New(fault.Busy, "x"), "not that of a page": fault.New(fault.NotFound, "x"),
	} {
		if got := say("", text, plug.Result{Incident: "INC-42", Title: "a <b>", Err: err}); !strings.Contains(got, want) || !strings.Contains(got, "<Message>") {
			t.Errorf("%v: %s", err, got)
		}
	}
	key := map[string]string{"CallSid": "CA1", "Digits": "3"}
	wrong := plug.Result{Err: errors.Join(fault.New(fault.NotFound, "x"))}
	for query, again := range map[string]bool{"page=tok-en": true, "page=tok-en&again=x": true, "page=tok-en&again=xx": false} {
		if got := say(query, key, wrong); strings.Contains(got, "<Gather") != again {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got := say("page=tok-en", map[string]string{"CallSid": "CA1", "Digits": "0"}, plug.Result{Incident: "INC-42"}); !strings.Contains(got, "cannot join INC-42") {
		t.Errorf("%s", got)
	}
}

// The first sign of a call opens the alert; the code and the recording join it.
//
// Clauses: ESC-CUST-LINE, DOC-EMERG-PHONE
func TestEmergencyLines(t *testing.T) {
	cb := hearing(t, nil)
	ring := func(query, to string, more ...string) (plug.Heard, string) {
		form := map[string]string{"CallSid": "CA9", "From": "+15557654321", "To": to, "CallStatus": "ringing", "Direction": "inbound"}
		for i := 0; i+1 < len(more); i += 2 {
			form[more[i]] = more[i+1]
		}
		h, err := cb.Hear(calling("", query, form))
		if err != nil {
			t.Fatal(err)
		}
		plugtest.CheckReceived(t, plug.Received{Signals: h.Signals})
		r := cb.Respond(h, nil)
		if !strings.HasPrefix(r.Type+" ", "text/xml") && len(h.Signals) > 0 {
			t.Errorf("%+v", r)
		}
		if len(r.Body) > 0 {
			wellFormed(t, string(r.Body))
		}
		return h, string(r.Body)
	}
	const line, ops = "+15558324911", "+15558324677"
	h, said := ring("", line)
	if len(h.Signals) != 1 || h.Signals[0].DedupKey != "CA9" || h.Signals[0].Severity != "critical" || h.Signals[0].Labels["caller"] != "+15557654321" || h.Signals[0].Labels["channel"] != "phone" || h.Signals[0].Class != "emergency_call" {
		t.Errorf("%+v", h.Signals)
	}
	if !strings.Contains(said, "<Gather") || !strings.Contains(said, `action="`+back+`?step=code"`) || !strings.Contains(said, "<Redirect") {
		t.Errorf("%s", said)
	}
	h, said = ring("step=code", line, "Digits", "4711")
	if h.Signals[0].DedupKey != "CA9" || h.Signals[0].Labels["customer_code"] != "4711" || !strings.Contains(said, "<Record") || !strings.Contains(said, "code=4711") {
		t.Errorf("%+v %s", h.Signals, said)
	}
	if h, said = ring("step=code", line); len(h.Signals) != 1 || !strings.Contains(said, "<Record") {
		t.Errorf("without a code: %+v %s", h.Signals, said)
	}
	h, said = ring("code=4711&step=message", line, "RecordingUrl", "https://api.twilio.com/rec/RE1", "CallStatus", "completed")
	if h.Signals[0].Labels["customer_code"] != "4711" || len(h.Signals[0].Links) != 1 || !strings.Contains(said, "passed on") {
		t.Errorf("%+v %s", h.Signals, said)
	}
	h, said = ring("", ops)
	if h.Signals[0].Class != "operations_call" || !strings.Contains(said, "<Record") || strings.Contains(said, "<Gather") {
		t.Errorf("%+v %s", h.Signals, said)
	}
	if h, _ = ring("", line, "CallStatus", "completed"); len(h.Signals) != 0 {
		t.Errorf("the end of a call opens an alert: %+v", h.Signals)
	}
	if h, said = ring("", "+15550009999"); len(h.Signals) != 0 || !strings.Contains(said, "takes no calls") {
		t.Errorf("another number: %+v %s", h.Signals, said)
	}
}

func TestNonsense(t *testing.T) {
	cb := hearing(t, nil)
	for _, body := range []string{"", "%zz", "{}", "a=b", strings.Repeat("a=b&", 10) + "CallSid=&To=%2B15558324911"} {
		in := calling("", "", nil)
		in.Body = []byte(body)
		if _, err := cb.Hear(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func FuzzHear(f *testing.F) {
	for _, body := range []string{"MessageSid=SM1&From=%2B1&Body=123456+ack", "CallSid=CA1&To=%2B15558324911&From=%00", "CallSid=CA1&Digits=7", "MessageStatus=delivered"} {
		f.Add(body, "")
		f.Add(body, "page=x&delivery=y&step=code&code=1")
	}
	cb := hearing(f, nil)
	f.Fuzz(func(t *testing.T, body, query string) {
		in := plug.Inbound{URL: back + "?" + query, Header: http.Header{}, Body: []byte(body), Now: now, ID: "unique"}
		in.Query, _ = url.ParseQuery(query)
		h, err := cb.Hear(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		plugtest.CheckReceived(t, plug.Received{Signals: h.Signals})
		for _, a := range h.Answers {
			if a.Token == "" {
				t.Errorf("%q: an unsigned answer %+v", body, a)
			}
		}
		if len(h.Receipts) > 0 {
			t.Errorf("%q: an unsigned receipt", body)
		}
		wellFormed(t, string(cb.Respond(h, make([]plug.Result, len(h.Answers))).Body))
	})
}
