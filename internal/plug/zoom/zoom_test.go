package zoom

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var at = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

func open2(t testing.TB, values map[string]string) *zoom {
	t.Helper()
	reg, err := plug.NewRegistry(Plugin())
	if err != nil {
		t.Fatal(err)
	}
	v, err := reg.Open("zoom", plugtest.Config(values))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*zoom)
}

func signed(z *zoom, body string) plug.Inbound {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return plug.Inbound{Body: []byte(body), Now: at, Header: http.Header{
		"X-Zm-Request-Timestamp": {stamp}, "X-Zm-Signature": {"v0=" + hex.EncodeToString(z.mac("v0:"+stamp+":"+body))},
	}}
}

const joined = `{"event":"meeting.participant_joined","event_ts":1626230691572,"payload":{"account_id":"A","object":{"id":"111111111","uuid":"4444AAAiAAAAAiAiAiiAii==","host_id":"x","topic":"T","type":3,
"participant":{"user_id":"16778240","user_name":"Ana","email":"Ana@techflow.example","join_time":"2026-03-02T03:04:00Z","participant_uuid":"55555AAAiAAAAAiAiAiiAii"}}}}`

// S01: what is not signed, twice signed, of another body, secret or time is refused.
func TestForgery(t *testing.T) {
	z := open2(t, map[string]string{"secret_token": "s3cret"})
	h, err := z.Hear(signed(z, joined))
	want := plug.Presence{ID: h.Seen[0].ID, Room: "111111111", Name: "Ana", Email: "ana@techflow.example", Present: true, At: time.Date(2026, 3, 2, 3, 4, 0, 0, time.UTC)}
	if err != nil || len(h.Seen) != 1 || h.Seen[0] != want || want.ID == "" {
		t.Fatalf("genuine: %+v, %v", h, err)
	}
	for what, change := range map[string]func(*plug.Inbound){
		"no signature": func(in *plug.Inbound) { in.Header.Del("X-Zm-Signature") },
		"twice":        func(in *plug.Inbound) { in.Header.Add("X-Zm-Signature", in.Header.Get("X-Zm-Signature")) },
		"no prefix":    func(in *plug.Inbound) { in.Header.Set("X-Zm-Signature", in.Header.Get("X-Zm-Signature")[3:]) },
		"another body": func(in *plug.Inbound) { in.Body = append(in.Body, ' ') },
		"another time": func(in *plug.Inbound) { in.Header.Set("X-Zm-Request-Timestamp", strconv.FormatInt(at.Unix()+1, 10)) },
		"too old":      func(in *plug.Inbound) { in.Now = at.Add(window + time.Second) },
		"from ahead":   func(in *plug.Inbound) { in.Now = at.Add(-window - time.Second) },
	} {
		in := signed(z, joined)
		change(&in)
		if h, err := z.Hear(in); !fault.Is(err, fault.Unauthenticated) || len(h.Seen) > 0 {
			t.Errorf("%s: %+v, %v", what, h, err)
		}
	}
	none := open2(t, nil)
	if _, err := none.Hear(signed(none, joined)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("without a secret: %v", err)
	}
	if none.Opens(plug.RoomMeeting) {
		t.Error("it opens meetings without an account")
	}
}

func FuzzHear(f *testing.F) {
	z := open2(f, map[string]string{"secret_token": "s3cret"})
	for _, s := range []string{joined, `{"event":"endpoint.url_validation","payload":{"plainToken":"x"}}`, `{"event":"meeting.participant_left","payload":[]}`, `[]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h, err := z.Hear(signed(z, body))
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		z.Respond(h, nil)
	})
}
