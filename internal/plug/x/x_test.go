package x

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/message"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var keys = map[string]string{
	"consumer_key": "xvz1evFS4wEEPTGEFPHBog", "consumer_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
	"access_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "access_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
}

func held() credentials {
	return credentials{secret.String(keys["consumer_key"]), secret.String(keys["consumer_secret"]), secret.String(keys["access_token"]), secret.String(keys["access_secret"])}
}

// The example that X publishes for its signatures.
func TestPublishedSignature(t *testing.T) {
	got, err := held().authorizeForm("POST", "https://api.twitter.com/1/statuses/update.json?include_entities=true", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", time.Unix(1318622958, 0),
		url.Values{"status": {"Hello Ladies + Gentlemen, a signed OAuth request!"}})
	if err != nil || !strings.Contains(got, `oauth_signature="tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"`) {
		t.Errorf("%v %s", err, got)
	}
}

// peer is X: it checks the signature as X does and refuses the same words twice.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry, unknown := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}, &plug.Failure{Kind: plug.Unknown}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.Method != http.MethodPost || r.URL.Path != "/2/tweets" {
				t.Errorf("call %s %s", r.Method, r.URL)
			}
			check(t, "http://"+r.Host+"/2/tweets", r.Header.Get("Authorization"))
			text(t, body)
			return r.Header.Get("Idempotency-Key")
		},
		Address: "public", Hidden: []secret.String{held().consumer, held().consumerSecret, held().token, held().tokenSecret},
		OK: plugtest.Reply{Status: 201, Body: `{"data":{"edit_history_tweet_ids":["1445880548472328192"],"id":"1445880548472328192","text":"x"}}`},
		Cases: []plugtest.Case{
			status("accepted", 201, `{"data":{"id":"1","text":"x"}}`, nil),
			status("unauthorized", 401, `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`, perm),
			status("read only", 403, `{"detail":"Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."}`, perm),
			status("the same words", 403, `{"detail":"You are not allowed to create a Tweet with duplicate content.","title":"Forbidden","status":403}`, perm),
			status("malformed", 400, `{"title":"Invalid Request"}`, perm),
			{Name: "too many", Reply: plugtest.Reply{Status: 429, Header: http.Header{"X-Rate-Limit-Reset": {strconv.FormatInt(time.Now().Add(30*time.Hour).Unix(), 10)}}}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: plug.MaxRetryAfter}},
			status("down", 503, "", retry),
			status("a page of somebody else", 200, "<html>", unknown),
		},
	}
	return p.Start(t)
}

// check signs the request again with what its header says.
func check(t *testing.T, to, header string) {
	t.Helper()
	said := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(header, "OAuth "), ", ") {
		k, v, _ := strings.Cut(part, "=")
		plain, err := url.PathUnescape(strings.Trim(v, `"`))
		if err != nil {
			t.Fatal(err)
		}
		said[k] = plain
	}
	at, err := strconv.ParseInt(said["oauth_timestamp"], 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute || len(said["oauth_nonce"]) < 16 {
		t.Errorf("time or nonce in %v", said)
	}
	want, err := held().authorize("POST", to, said["oauth_nonce"], time.Unix(at, 0))
	if err != nil || want != header {
		t.Errorf("%v\ngot  %s\nwant %s", err, header, want)
	}
}

func text(t *testing.T, body []byte) string {
	t.Helper()
	var in map[string]string
	if err := json.Unmarshal(body, &in); err != nil || len(in) != 1 || in["text"] == "" || message.PostWeight(in["text"]) > message.PostLimit {
		t.Errorf("post %s: %v, weight %d", body, err, message.PostWeight(in["text"]))
	}
	return in["text"]
}

func open2(t *testing.T, base string) plug.Channel {
	v := map[string]string{"base_url": base}
	for k, s := range keys {
		v[k] = s
	}
	return plugtest.Open(t, Plugin(), plugtest.Config(v))
}

// INT-TWITTER: 401 and 429 are handled.
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base) }, peer(t))
}

// A resend whose first attempt arrived is no failure, and posts nothing again.
func TestPostedBefore(t *testing.T) {
	p := peer(t)
	m := plugtest.SampleMessage("public")
	m.Again = true
	p.Next(plugtest.Reply{Status: 403, Body: `{"detail":"You are not allowed to create a Tweet with duplicate content."}`})
	if _, err := open2(t, p.URL()).Send(t.Context(), m); err != nil {
		t.Error(err)
	}
}

// INT-TWITTER: a post has at most 280, its link stays whole.
func TestWhatAPostMayHave(t *testing.T) {
	const page = "https://status.techflowsolutions.com/incidents/0pmw5gvg00005"
	for name, words := range map[string]string{
		"short": "We are working on it.", "long": strings.Repeat("Sign-in fails for some of you. ", 30), "wide": strings.Repeat("障害が発生しています。", 40),
		"faces": strings.Repeat("🙂", 300), "one word": strings.Repeat("x", 900), "exact": strings.Repeat("x", message.PostLimit-message.PostLink-1),
	} {
		got := fit(plug.Message{Text: words + "\n" + page})
		if message.PostWeight(got) > message.PostLimit || !strings.HasSuffix(got, "\n"+page) {
			t.Errorf("%s: weight %d: %s", name, message.PostWeight(got), got)
		}
		if short := message.PostWeight(words)+1+message.PostLink <= message.PostLimit; short != (got == words+"\n"+page) {
			t.Errorf("%s was cut without need, or not at all", name)
		}
	}
	if got := fit(plug.Message{Subject: "only a subject"}); got != "only a subject" {
		t.Errorf("%q", got)
	}
}
