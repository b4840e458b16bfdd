package story

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/room"
	"allclear/internal/plug/meetlink"
)

// A P1 has a Zoom meeting within five seconds: recurring without a time, its link the
// same after a restart, everybody may share a screen; who enters is seen; it ends with
// the incident. The task to open it ends by itself.
//
// Clauses: WAR-VIRT-ZOOM, PLT-RT-ZOOM, INT-ZOOM, WAR-VIRT-SHARE
func TestAP1HasItsVideoRoom(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		z := w.withZoom()
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		p := w.Part(room.Video)
		if p == nil || p.State != room.Open || p.URL != "https://zoom.example/j/85000000001?pwd=x" || len(p.DialIn) != 1 || p.PIN != "85000000001#, then 4711#" {
			w.Fatalf("video %+v", p)
		}
		m := z.Meetings[0]
		if m.Fields["type"] != 3.0 || m.Topic != "INC-1: Sign-in fails" || z.Sharing != "all" {
			w.Errorf("meeting %+v, shares %q", m.Fields, z.Sharing)
		}
		if set, _ := m.Fields["settings"].(object); set["join_before_host"] != true || set["waiting_room"] != false {
			w.Errorf("nobody can get in without the host: %v", set)
		}
		if got := w.taskState("room-video", "WAR-VIRT-ZOOM"); got != "done" {
			w.Errorf("the task is %s", got)
		}
		if n := len(w.Tasks("WAR-VIRT-SHARE")); n != 1 || w.taskState("room-sharing", "WAR-VIRT-SHARE") != "open" {
			w.Errorf("%d tasks to check that screens can be shared", n)
		}
		w.Restart()
		w.After(time.Minute)
		if again := w.Part(room.Video); again.URL != p.URL || len(z.Meetings) != 1 {
			w.Errorf("after a restart %s, %d meetings", again.URL, len(z.Meetings))
		}
		c := s.Channel("inc-")
		told := false
		for _, post := range c.Posts[1:] {
			told = told || strings.Contains(post.Text, "https://zoom.example/j/85000000001")
		}
		if !told || !strings.Contains(c.Posts[0].Raw, "https://zoom.example/j/85000000001?pwd=x|Video") {
			w.Errorf("the channel does not know of it: %s", c.Posts[0].Raw)
		}
		if z.tokens != 1 {
			w.Errorf("%d tokens were asked for", z.tokens)
		}
		w.zoomTells("meeting.participant_joined", "Ana at home", w.personOf("ana").Email)
		w.zoomTells("meeting.participant_joined", "Ana at home", w.personOf("ana").Email)
		w.zoomTells("meeting.participant_joined", "Guest", "")
		if p = w.Part(room.Video); len(p.Present) != 2 || p.Present[0].Person != "ana" || p.Present[1].Name != "Guest" {
			w.Errorf("present %+v", p.Present)
		}
		if got := w.Lines(event.RoomSeen, "Ana joined the video room"); len(got) != 1 || got[0].Actor != "ana" {
			w.Errorf("seen %+v", got)
		}
		w.zoomTells("meeting.participant_left", "Guest", "")
		if p = w.Part(room.Video); len(p.Present) != 1 {
			w.Errorf("present %+v", p.Present)
		}
	})
}

func (w *World) zoomTells(kind, name, email string) {
	w.Helper()
	who := object{"user_id": "16778240", "user_name": name, "email": email}
	at := "join_time"
	if kind == "meeting.participant_left" {
		at = "leave_time"
	}
	who[at] = w.now.UTC().Format(time.RFC3339)
	body, err := json.Marshal(object{"event": kind, "event_ts": w.now.UnixMilli(), "payload": object{"account_id": "acc", "object": object{"id": "85000000001", "uuid": "u==", "participant": who}}})
	w.must(err)
	if out := w.Hook("zoom", w.zoomSigned(body), body); out.Code != http.StatusOK {
		w.Fatalf("answered %d %s", out.Code, out.Body)
	}
}

func (w *World) zoomSigned(body []byte) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "X-Zm-Request-Timestamp": {strconv.FormatInt(w.now.Unix(), 10)}, "X-Zm-Signature": {sign(zoomSecret, w.now, body)}}
}

// Zoom fails in each way it can: the incident goes on, and within seconds there is a
// line that says so and another way to meet.
//
// Clauses: WAR-VIRT-ZOOM, INT-ZOOM
func TestZoomFails(t *testing.T) {
	cases := []struct {
		name, part string
		f          SlackFailure
		first      room.State
		then       room.State
		says       string
	}{
		{"it does not answer", "", SlackFailure{Hang: true}, room.Fallback, room.Open, "no answer within"},
		{"it asks to wait", "/meetings", SlackFailure{Status: 429, After: "20"}, room.Fallback, room.Open, "429"},
		{"it is down", "", SlackFailure{Status: 502}, room.Fallback, room.Open, "502"},
		{"the app is not allowed any more", "/oauth/token", SlackFailure{Status: 400, Code: "invalid_client"}, room.Failed, room.Failed, "400"},
		{"it made the meeting and did not say so", "POST /v2/users", SlackFailure{Late: true, Times: 1}, room.Open, room.Open, "no answer within"},
		{"the setting cannot be read", "/settings", SlackFailure{Status: 403}, room.Open, room.Open, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			Tell(t, func(w *World) {
				z := w.withZoom()
				z.Fail(c.part, c.f)
				w.Alert("auth", "critical", "Sign-in fails")
				w.Engage("ana")
				w.After(5 * time.Second)
				p := w.Part(room.Video)
				if p.State != c.first {
					w.Fatalf("video %+v", p)
				}
				if seen := w.Lines(event.RoomFailed, c.says); c.says != "" && (len(seen) == 0 || seen[0].RecordedAt.Sub(w.start) > 5*time.Second) {
					w.Errorf("the record says nothing: %+v", w.Lines(event.RoomFailed, ""))
				}
				if c.first != room.Open && (p.Instead == nil || p.Instead.What == "") {
					w.Error("nothing to use instead")
				}
				z.Mend()
				w.After(time.Minute)
				if p = w.Part(room.Video); p.State != c.then {
					w.Errorf("mended: %+v", p)
				}
				if c.then == room.Open && len(z.Meetings) != 1 {
					w.Errorf("%d meetings", len(z.Meetings))
				}
			})
		})
	}
}

// A token that was revoked before its end is replaced; the meeting is made.
//
// Clauses: INT-ZOOM
func TestZoomsTokenIsReplaced(t *testing.T) {
	Tell(t, func(w *World) {
		z := w.withZoom()
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		z.mu.Lock()
		z.revoked = true
		z.mu.Unlock()
		_, err := w.e.Room.Breakout(w.Context(), as("ana"), 1, "Database", w.now)
		w.must(err)
		w.After(5 * time.Second)
		if p := w.Part(room.Breakout); p == nil || p.State != room.Open || z.tokens != 2 {
			w.Errorf("%d tokens, %+v", z.tokens, p)
		}
	})
}

// Where Zoom fails and a link is set up, that serves at once, and it is the same every
// time.
//
// Clauses: WAR-VIRT-ZOOM
func TestAStaticLinkServes(t *testing.T) {
	Tell(t, func(w *World) {
		z := w.withZoom()
		w.Sets(meetlink.Plugin(), map[string]string{"url": "https://meet.example/acme-{{number}}-{{secret}}", "secret": "pepper", "dial_in": "+15550100", "pin": "77"})
		z.Fail("", SlackFailure{Status: 503})
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(2 * time.Second)
		p := w.Part(room.Video)
		if p.State != room.Open || p.Provider != "meetlink" || !strings.HasPrefix(p.URL, "https://meet.example/acme-INC-1-") || len(p.URL) != len("https://meet.example/acme-INC-1-")+16 {
			w.Errorf("video %+v", p)
		}
		if got := w.Lines(event.RoomFailed, "Zoom could not open the video room"); len(got) != 1 || !strings.Contains(got[0].Data.Text, "Meeting link has it") {
			w.Errorf("the record: %+v", got)
		}
	})
}

// A breakout room of a workstream is a meeting of its own, and its link is posted.
//
// Clauses: COM-INT-VIDEO
func TestABreakoutRoom(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		z := w.withZoom()
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		_, err := w.e.Room.Breakout(w.Context(), as("bo"), 1, "Database", w.now)
		w.must(err)
		w.After(5 * time.Second)
		if p := w.Part(room.Breakout); p.State != room.Open || p.By != "bo" || len(z.Meetings) != 2 || z.Meetings[1].Topic != "INC-1: Database" {
			w.Fatalf("breakout %+v", p)
		}
		posts := s.Channel("inc-").Posts
		if last := posts[len(posts)-1].Text; !strings.Contains(last, "Breakout room Database open in Zoom") || !strings.Contains(last, "https://zoom.example/j/85000000002") {
			w.Errorf("posted %q", last)
		}
		if _, err := w.e.Room.Breakout(w.Context(), as("bo"), 1, "Database", w.now); err == nil {
			w.Error("a second one of that name")
		}
		w.Resolve("fixed")
		w.After(10 * time.Second)
		if !z.Meetings[1].Gone || z.Meetings[0].Gone {
			w.Errorf("after the end: breakout gone %t, room gone %t", z.Meetings[1].Gone, z.Meetings[0].Gone)
		}
	})
}

// The handshake of Zoom's webhooks is answered with a proof of the secret, and a call
// that Zoom did not sign is refused.
//
// Clauses: INT-ZOOM
func TestZoomsHandshake(t *testing.T) {
	Tell(t, func(w *World) {
		w.withZoom()
		body := []byte(`{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680}`)
		out := w.Hook("zoom", w.zoomSigned(body), body)
		var said struct{ PlainToken, EncryptedToken string }
		if err := json.Unmarshal(out.Body.Bytes(), &said); err != nil || said.PlainToken != "qgg8vlvZRS6UYooatFL8Aw" || said.EncryptedToken != plainMAC(zoomSecret, "qgg8vlvZRS6UYooatFL8Aw") {
			w.Errorf("answered %d %s", out.Code, out.Body)
		}
		for what, h := range map[string]http.Header{
			"unsigned": {}, "of another": {"X-Zm-Request-Timestamp": {fmt.Sprint(w.now.Unix())}, "X-Zm-Signature": {sign("other", w.now, body)}},
			"too old": {"X-Zm-Request-Timestamp": {fmt.Sprint(w.now.Add(-6 * time.Minute).Unix())}, "X-Zm-Signature": {sign(zoomSecret, w.now.Add(-6*time.Minute), body)}},
		} {
			if out := w.Hook("zoom", h, body); out.Code != http.StatusUnauthorized {
				w.Errorf("%s: answered %d", what, out.Code)
			}
		}
	})
}
