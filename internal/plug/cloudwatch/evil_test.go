package cloudwatch

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

func base64Lines(der []byte) string {
	block := string(pem.EncodeToMemory(&pem.Block{Type: "X", Bytes: der}))
	_, block, _ = strings.Cut(block, "\n")
	block, _, _ = strings.Cut(block, "-----")
	return block
}

// evil are places that are not SNS and would like to be taken for it. %s is the
// rest of the address.
var evil = []string{
	// buckets and other services under the same domain
	"https://sns.s3.amazonaws.com/%s", "https://s3.amazonaws.com/sns.us-east-1.amazonaws.com/%s", "https://sns.us-east-1.s3.amazonaws.com/%s", "https://sns.us-east-1.amazonaws.com.s3.amazonaws.com/%s",
	"https://sns.s3-us-west-2.amazonaws.com/%s", "https://sns.s3-website-us-east-1.amazonaws.com/%s", "https://sns.s3-accelerate.amazonaws.com/%s", "https://sns.s3.us-east-1.amazonaws.com/%s", "https://sns.elb.amazonaws.com/%s",
	"https://bucket.sns.us-east-1.amazonaws.com/%s", "https://ec2-52-94-0-1.compute-1.amazonaws.com/%s", "https://sns.us-east-1.elb.amazonaws.com/%s", "https://amazonaws.com/%s", "https://sns.amazonaws.com/%s",
	"https://x.execute-api.us-east-1.amazonaws.com/%s", "https://sqs.us-east-1.amazonaws.com/%s", "https://us-east-1.amazonaws.com/%s", "https://sns..amazonaws.com/%s", "https://sns.us-east-1..amazonaws.com/%s",
	// hosts that look alike
	"https://sns.us-east-1.amazonaws.com.evil.example/%s", "https://sns.us-east-1.amazonaws.comevil.example/%s", "https://evil.example/sns.us-east-1.amazonaws.com/%s", "https://sns.us-east-1.amazonaws.co/%s",
	"https://sns.us-east-1.amazonaws.com.co/%s", "https://sns-us-east-1.amazonaws.com/%s", "https://snsxus-east-1.amazonaws.com/%s", "https://sns.us-east-1xamazonaws.com/%s", "https://sns.us-east-1.amazonaws-com.evil.example/%s",
	"https://sns.us-east-1.amaz0naws.com/%s", "https://sns.us-east-1.xn--amazonws-8za.com/%s", "https://sns.us-east-1.amazonaws.org/%s", "https://sns.us-east-1.amazonaws.cn/%s", "https://sns.us-east-1.amazonaws.com.cn/%s",
	"https://sns.cn-north-1.amazonaws.com/%s", "https://evil.sns.us-east-1.amazonaws.com.cn/%s", "https://sns.evil-east-1.amazonaws.com/%s", "https://sns.us-evil-1.amazonaws.com/%s", "https://sns.us-east-999.amazonaws.com/%s",
	// scheme, port, user
	"http://sns.us-east-1.amazonaws.com/%s", "HTTP://sns.us-east-1.amazonaws.com/%s", "ftp://sns.us-east-1.amazonaws.com/%s", "file:///etc/%s", "gopher://sns.us-east-1.amazonaws.com/%s", "javascript:alert(1)//%s", "data:text/plain,%s",
	"//sns.us-east-1.amazonaws.com/%s", "sns.us-east-1.amazonaws.com/%s", "https:sns.us-east-1.amazonaws.com/%s", "https:/sns.us-east-1.amazonaws.com/%s", "https:///sns.us-east-1.amazonaws.com/%s",
	"https://sns.us-east-1.amazonaws.com:80/%s", "https://sns.us-east-1.amazonaws.com:8443/%s", "https://sns.us-east-1.amazonaws.com:22/%s", "https://sns.us-east-1.amazonaws.com:/%s", "https://sns.us-east-1.amazonaws.com:0443/%s", "https://sns.us-east-1.amazonaws.com:443443/%s",
	"https://user@sns.us-east-1.amazonaws.com/%s", "https://user:pass@sns.us-east-1.amazonaws.com/%s", "https://sns.us-east-1.amazonaws.com@evil.example/%s", "https://sns.us-east-1.amazonaws.com:443@evil.example/%s", "https://@sns.us-east-1.amazonaws.com/%s",
	`https://sns.us-east-1.amazonaws.com\@evil.example/%s`, `https://evil.example\.sns.us-east-1.amazonaws.com/%s`, `https:\\sns.us-east-1.amazonaws.com\%s`, "https://evil.example#@sns.us-east-1.amazonaws.com/%s", "https://evil.example?@sns.us-east-1.amazonaws.com/%s", "https://evil.example;sns.us-east-1.amazonaws.com/%s",
	// dots and letters that are none, encodings, white space
	"https://sns.us-east-1.amazonaws.com./%s", "https://sns.us-east-1.amazonaws。com/%s", "https://sns．us-east-1．amazonaws．com/%s", "https://sns.us-east-1.amazonaws｡com/%s", "https://sns.us-east-1.amazon\u0430ws.com/%s", "https://ѕns.us-east-1.amazonaws.com/%s",
	"https://sns.us-east-1.amazonaws.com%%2eevil.example/%s", "https://sns%%2eus-east-1.amazonaws.com/%s", "https://%%73ns.us-east-1.amazonaws.com/%s", "https://sns.us-east-1.amazonaws.com%%00.evil.example/%s", "https://sns.us-east-1.amazonaws.com%%23.evil.example/%s",
	"https://SNS.US-EAST-1.AMAZONAWS.COM/%s", " https://sns.us-east-1.amazonaws.com/%s", "https://sns.us-east-1.amazonaws.com /%s", "https://sns.us-east-1.amazonaws.com\t/%s", "https://sns.us-east-1.amazonaws.com\r\nHost: evil.example/%s", "https://sns.us-east-1.amazonaws.com\x00/%s",
	// addresses
	"https://169.254.169.254/%s", "https://127.0.0.1/%s", "https://localhost/%s", "https://[::1]/%s", "https://0/%s", "https://2130706433/%s", "https://0x7f.1/%s", "https://10.0.0.1/%s", "https://[::ffff:169.254.169.254]/%s", "https://metadata.google.internal/%s", "https://sns.us-east-1.amazonaws.com.127.0.0.1.nip.io/%s",
	"",
}

// Row S03 of the scoreboard: of addresses that are not those of SNS none is
// accepted and none is fetched, whatever else is right about the message.
// Clauses: INT-CLOUDWATCH
func TestEvilAddressesAreNeitherTakenNorFetched(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	certs := append([]string(nil), evilAt("SimpleNotificationService-0123.pem")...)
	for _, path := range []string{
		"SimpleNotificationService.pem?x=1", "a.pem?", "a.pem#x", "a.pem;x", "a.pem%00.txt", "%2e%2e/a.pem", "../a.pem", "x/../a.pem", "a/b.pem", "/a.pem", "a.pem/", "a.PEM", "a.txt", "", "?url=https://evil.example/a.pem", "a.pem%3f", ".pem", "a..pem", "redirect?to=/a.pem", `a\b.pem`, "%61.pem",
	} {
		certs = append(certs, "https://"+host+"/"+path)
	}
	good := w.signed(notification(metricAlarm))
	for _, address := range certs {
		in := w.signed(notification(metricAlarm).with("SigningCertURL", address))
		if got, err := take(t, s, in); !fault.Is(err, fault.Unauthenticated) || len(got.Signals) != 0 {
			t.Errorf("certificate at %q: %v %+v", address, err, got)
		}
	}
	if dials, calls := w.counted(); dials != 0 || len(calls) != 0 {
		t.Errorf("of %d certificates %d were dialled and %q fetched", len(certs), dials, calls)
	}

	if _, err := take(t, s, good); err != nil { // the certificate is known from here on
		t.Fatal(err)
	}
	before, calls := w.counted()
	const token = "2336412f37fb687f5d51"
	call := "?Action=ConfirmSubscription&TopicArn=" + strings.Replace(topic, "eu-west-1", "us-east-1", 1) + "&Token=" + token
	subs := evilAt(call)
	for _, query := range []string{
		"?Action=Unsubscribe&TopicArn=" + topic + "&Token=" + token, "?TopicArn=" + topic + "&Token=" + token, "?Action=ConfirmSubscription&Token=" + token, "?Action=ConfirmSubscription&TopicArn=" + topic, "", "?",
		"?Action=ConfirmSubscription&TopicArn=" + topic + "2&Token=" + token, "?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=other", "?Action=ConfirmSubscription&Action=Publish&TopicArn=" + topic + "&Token=" + token,
		"?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token + "&Endpoint=https://evil.example", "?action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token, "x?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token,
		"%2e%2e/?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token, "?Action=ConfirmSubscription;TopicArn=" + topic + ";Token=" + token, "?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token + "#x", "?Action=%zz",
	} {
		subs = append(subs, "https://"+host+"/"+query)
	}
	subs = append(subs, "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn="+topic+"&Token="+token) // another region than the topic's
	for i, address := range subs {
		m := confirmation().with("SubscribeURL", address)
		if i < len(evil) { // so that the host is all that is wrong
			m = m.with("TopicArn", strings.Replace(topic, "eu-west-1", "us-east-1", 1))
		}
		in := w.signed(m)
		// A NUL is no character of a text: its signature does not fit any more.
		if got, err := take(t, s, in); !(fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unauthenticated) && strings.Contains(address, "\x00")) || len(got.Signals) != 0 {
			t.Errorf("subscription at %q: %v %+v", address, err, got)
		}
		if err := s.Finish(t.Context(), in); !fault.Is(err, fault.Invalid) {
			t.Errorf("subscription at %q, finished: %v", address, err)
		}
	}
	if dials, after := w.counted(); dials != before || len(after) != len(calls) {
		t.Errorf("of %d subscriptions some were fetched: %q", len(subs), after)
	}
	if len(certs) < 60 || len(subs) < 60 {
		t.Errorf("only %d and %d addresses", len(certs), len(subs))
	}
}

func evilAt(rest string) (out []string) {
	for _, e := range evil {
		out = append(out, strings.ReplaceAll(strings.Replace(e, "%s", rest, 1), "%%", "%"))
	}
	return out
}

// What SNS really writes is taken.
func TestGoodAddresses(t *testing.T) {
	for _, h := range []string{"us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "il-central-1", "mx-central-1", "me-south-1"} {
		if _, err := certificateURL("https://sns." + h + ".amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	for in, want := range map[string]string{
		"https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem": "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
		"https://sns.us-east-1.amazonaws.com:443/SimpleNotificationService-1.pem": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
	} {
		if got, err := certificateURL(in); err != nil || got != want {
			t.Errorf("%s: %q %v", in, got, err)
		}
	}
}

// A certificate is known for a day at most, and not beyond its end.
func TestCertificatesAreForgotten(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	in := w.signed(notification("x"))
	for i, at := range []time.Duration{0, time.Hour, 23 * time.Hour, 25 * time.Hour} {
		in.Now = now.Add(at)
		if err := s.Prepare(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		want := 1
		if i == 3 {
			want = 2
		}
		if _, calls := w.counted(); len(calls) != want {
			t.Errorf("after %v: %q", at, calls)
		}
	}
	for i := range 3 * keepCertificates {
		s.certs.put("https://"+base64.RawURLEncoding.EncodeToString([]byte{byte(i)}), certificate{})
	}
	if len(s.certs.by) > keepCertificates {
		t.Errorf("knows %d certificates", len(s.certs.by))
	}
}
