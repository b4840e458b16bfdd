package slack

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/plug"
)

// A button of the pinned summary and a slash command become orders, with who asks and
// where; the words for a command are in the reply, those for a button are posted.
func TestOrders(t *testing.T) {
	cb := callback(t)
	at := time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)
	button := strings.NewReplacer(`"action_id":"allclear_acknowledge"`, `"action_id":"allclear_do_join"`, `"tok-1"`, `"INC-42"`).Replace(pressedBody)
	h, err := cb.Hear(sign(form(button), at))
	want := plug.Order{ID: "1.2/join", Room: "C1", User: "U024BE7LH", Verb: "join", Incident: "INC-42"}
	if err != nil || len(h.Orders) != 1 || h.Orders[0] != want || len(h.Answers) != 0 {
		t.Errorf("button: %+v, %v", h, err)
	}
	h.Answered = []plug.Answered{{Text: "You have joined <INC-42>."}}
	if r := cb.Respond(h, nil); r.Status != 200 || len(r.Body) != 0 {
		t.Errorf("the reply to a button has words: %s", r.Body)
	}
	p := peer(t)
	s := open2(t, p.URL(), map[string]string{"signing_secret": signing}).(plug.Teller)
	h.Data[dataRespond] = p.URL() + "/actions/T1/1/response"
	if err := s.Tell(t.Context(), h, nil); err != nil {
		t.Fatal(err)
	}
	if raw := p.Got()[0].Raw; !strings.Contains(raw, `"response_type":"ephemeral"`) || !strings.Contains(raw, "You have joined &lt;INC-42&gt;.") || !strings.Contains(raw, `"replace_original":false`) {
		t.Errorf("told %s", raw)
	}
	typed := "command=%2Fincident&text=role+scribe+%3C%40U7%7Cbo%3E&user_id=U1&user_name=ana&channel_id=C1&trigger_id=9.9&response_url=https%3A%2F%2Fhooks.slack.com%2Fx"
	h, err = cb.Hear(sign([]byte(typed), at))
	want = plug.Order{ID: "9.9", Room: "C1", User: "U1", UserName: "ana", Verb: "role", Text: "scribe @U7"}
	if err != nil || len(h.Orders) != 1 || h.Orders[0] != want {
		t.Errorf("typed: %+v, %v", h, err)
	}
	h.Answered = []plug.Answered{{Text: "done"}}
	if r := cb.Respond(h, nil); string(r.Body) != `{"response_type":"ephemeral","text":"done"}` {
		t.Errorf("reply %s", r.Body)
	}
}

func TestWhatIsSaidIsPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a &lt;b&gt; &amp; c": "a <b> & c", "<https://x.example|here>": "here (https://x.example)", "<https://x.example>": "https://x.example",
		"<@U1> <@U1|ana> <#C1|inc> <!here>": "@U1 @ana #inc !here", "<mailto:a@b.example|a@b.example>": "a@b.example",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := stamp("1503435956.000247"); !got.Equal(time.Unix(1503435956, 247000)) || !stamp("x").IsZero() || !stamp("-1.0").IsZero() {
		t.Errorf("stamp %v", got)
	}
}

// Channels for incidents can be switched off.
func TestOpens(t *testing.T) {
	for value, want := range map[string]bool{"": true, "yes": true, "no": false} {
		s := open2(t, "https://slack.example", map[string]string{"incident_channels": value}).(plug.Opener)
		if got := s.Opens(plug.RoomChat); got != want || s.Opens(plug.RoomMeeting) {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestFit(t *testing.T) {
	for in, want := range map[string]string{"Inc 1/ü": "inc-1-", "a-b_c": "a-b_c", strings.Repeat("a", 90): strings.Repeat("a", 78)} {
		if got := fit(in, 78); got != strings.TrimRight(want, "-") && got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
