package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const pressedBody = `{"version":1,"type":3,"token":"unique_interaction_token","id":"846462639134605312","application_id":"845027738276462632","guild_id":"290926798626357999","channel_id":"345626669114982999",
"member":{"user":{"id":"53908232506183680","username":"ana"},"roles":["290926798626357999"],"permissions":"17179869183"},
"message":{"type":0,"content":"x","components":[{"type":1,"components":[]}],"author":{"id":"845027738276462632"}},"data":{"custom_id":"allclear:acknowledge:tok-1","component_type":2}}`

func sign(body []byte, at time.Time) plug.Inbound {
	stamp := strconv.FormatInt(at.Unix(), 10)
	sig := ed25519.Sign(private, append([]byte(stamp), body...))
	return plug.Inbound{Body: body, Now: at, ContentType: "application/json", Header: http.Header{
		"X-Signature-Timestamp": {stamp}, "X-Signature-Ed25519": {hex.EncodeToString(sig)},
	}}
}

func callback(t testing.TB) plug.Callback {
	return plugtest.OpenCallback(t, Plugin(), map[string]string{"public_key": publicKey()})
}

// B39 (a missing signature, a body serialised again); S01.
func TestForgery(t *testing.T) {
	plugtest.Callback(t, plugtest.CallbackCase{
		Open: Plugin(), Values: map[string]string{"public_key": publicKey()}, Secret: "public_key", Body: []byte(pressedBody),
		Sign: sign, Proof: []string{"X-Signature-Ed25519", "X-Signature-Timestamp"}, Window: 5 * time.Minute, Bytes: true,
	})
	other := ed25519.NewKeyFromSeed([]byte("somebody-elses-seed-0123456789ab"))
	in := sign([]byte(pressedBody), time.Unix(1_700_000_000, 0))
	in.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(other, append([]byte("1700000000"), in.Body...))))
	if _, err := callback(t).Hear(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed with another key: %v", err)
	}
}

func TestHearAndRespond(t *testing.T) {
	cb, at := callback(t), time.Unix(1_700_000_000, 0)
	h, err := cb.Hear(sign([]byte(`{"type":1,"id":"1","application_id":"2","user":{"id":"3"}}`), at))
	if r := cb.Respond(h, nil); err != nil || r.Status != 200 || string(r.Body) != `{"type":1}` {
		t.Errorf("ping: %s, %v", r.Body, err)
	}
	h, err = cb.Hear(sign([]byte(pressedBody), at))
	if err != nil || len(h.Answers) != 1 || h.Answers[0] != (plug.PageAnswer{Channel: "discord", From: "@53908232506183680", Token: "tok-1", Choice: plug.Acknowledge}) {
		t.Fatalf("%+v, %v", h, err)
	}
	if r := cb.Respond(h, []plug.Result{{Incident: "INC-1", Title: "[a](b)"}}); string(r.Body) != `{"data":{"content":"Acknowledged: INC-1, \\[a\\](b) (<@53908232506183680>)","embeds":[],"components":[],"allowed_mentions":{"parse":[]}},"type":7}` {
		t.Errorf("taken: %s", r.Body)
	}
	if r := cb.Respond(h, []plug.Result{{Err: fault.New(fault.NotFound, "x")}}); !strings.Contains(string(r.Body), `"flags":64`) || !strings.Contains(string(r.Body), `"type":4`) {
		t.Errorf("not taken: %s", r.Body)
	}
	for _, quiet := range []string{`{"type":2,"data":{"name":"x"}}`, strings.Replace(pressedBody, "allclear:acknowledge:tok-1", "other:x", 1), strings.Replace(pressedBody, ":tok-1", ":", 1)} {
		h, err := cb.Hear(sign([]byte(quiet), at))
		if r := cb.Respond(h, nil); err != nil || len(h.Answers) != 0 || r.Status != 200 || !strings.Contains(string(r.Body), `"type":4`) {
			t.Errorf("%s: %+v, %v, %s", quiet, h, err, r.Body)
		}
	}
}

func FuzzHear(f *testing.F) {
	for _, s := range []string{pressedBody, `{"type":1}`, `{"type":3e300,"data":{"custom_id":7},"member":{"user":null}}`, `{"type":3,"data":[]}`} {
		f.Add([]byte(s))
	}
	cb := callback(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := cb.Hear(sign(body, time.Unix(1_700_000_000, 0)))
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		plugtest.CheckHeard(t, h)
		cb.Respond(h, make([]plug.Result, len(h.Answers)))
	})
}
