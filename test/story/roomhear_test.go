package story

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
)

func noted(w *World, text string) []event.Event { return w.Lines(event.Noted, text) }

// What people pin, or mark with a pushpin, becomes an entry of the timeline: once,
// under the name of who wrote it, whatever Slack tells again and however it was marked.
// What is not signed by Slack, or is older than five minutes, is refused.
//
// Clauses: WAR-VIRT-SLACK, INT-SLACK
func TestWhatIsPinnedInSlackIsOnTheTimeline(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		channel, ts := s.Write("inc-", "U002", "The pool is full: <https://graphs.example/x|see here> &amp; <@U001>")
		w.After(time.Minute)
		reaction := map[string]any{"type": "reaction_added", "user": "U001", "reaction": "pushpin", "item_user": "U002", "event_ts": "1.2", "item": map[string]any{"type": "message", "channel": channel, "ts": ts}}
		for _, more := range [][]string{nil, {"X-Slack-Retry-Num", "1", "X-Slack-Retry-Reason", "http_timeout"}} {
			if out := w.SlackTells(reaction, more...); out.Code != http.StatusOK {
				w.Fatalf("answered %d %s", out.Code, out.Body)
			}
		}
		if got := noted(w, "The pool is full"); len(got) != 0 {
			w.Fatalf("nobody with an account stands for %+v", got)
		}
		w.Account("ana", authz.Responder)
		w.SlackTells(reaction)
		pin := map[string]any{"type": "pin_added", "user": "U001", "channel_id": channel, "item": map[string]any{"type": "message", "channel": channel, "message": map[string]any{"type": "message", "user": "U002", "text": "The pool is full", "ts": ts}}}
		w.SlackTells(pin)
		got := noted(w, "The pool is full")
		if len(got) != 1 || got[0].Actor != "bo" || got[0].Source != "slack" || got[0].Data.Text != "The pool is full: see here (https://graphs.example/x) & @U001" || got[0].Data.To != "ana" {
			w.Fatalf("the timeline has %+v", got)
		}
		if !got[0].At.Truncate(time.Second).Equal(w.now.Add(-time.Minute)) || !got[0].RecordedAt.Equal(w.now) {
			w.Errorf("it happened at %s and was written down at %s", got[0].At, got[0].RecordedAt)
		}
		w.SlackTells(map[string]any{"type": "message", "channel": channel, "user": "U001", "text": ":pushpin: Restarting the pool", "ts": "1772420470.000900"})
		if got := noted(w, "Restarting the pool"); len(got) != 1 || got[0].Actor != "ana" {
			w.Errorf("a message with a pushpin: %+v", got)
		}
		before := len(noted(w, ""))
		for _, e := range []map[string]any{
			{"type": "message", "channel": channel, "user": "U001", "text": "small talk", "ts": "1772420471.000900"},
			{"type": "message", "channel": "C404", "user": "U001", "text": ":pushpin: elsewhere", "ts": "1772420472.000900"},
			{"type": "message", "channel": channel, "user": "U001", "bot_id": "B1", "text": ":pushpin: a bot", "ts": "1772420473.000900"},
			{"type": "pin_added", "user": slackBot, "channel_id": channel, "item": map[string]any{"message": map[string]any{"user": slackBot, "text": "our summary", "ts": "1.1"}}},
			{"type": "reaction_added", "user": "U001", "reaction": "eyes", "item": map[string]any{"type": "message", "channel": channel, "ts": ts}},
		} {
			if out := w.SlackTells(e); out.Code != http.StatusOK {
				w.Errorf("%v: answered %d", e, out.Code)
			}
		}
		if got := len(noted(w, "")); got != before {
			w.Errorf("%d entries more than wanted", got-before)
		}
		body := []byte(`{"type":"event_callback","event":{}}`)
		for what, h := range map[string]http.Header{
			"unsigned": {}, "of another": {"X-Slack-Request-Timestamp": {strconv.FormatInt(w.now.Unix(), 10)}, "X-Slack-Signature": {sign("other", w.now, body)}},
			"too old": {"X-Slack-Request-Timestamp": {strconv.FormatInt(w.now.Add(-6*time.Minute).Unix(), 10)}, "X-Slack-Signature": {sign(slackSecret, w.now.Add(-6*time.Minute), body)}},
		} {
			if out := w.Hook("slack", h, body); out.Code != http.StatusUnauthorized {
				w.Errorf("%s: answered %d", what, out.Code)
			}
		}
	})
}

// What people type after /incident is done as if they had done it in the console;
// outside of an incident's channel they are told so, and whoever is not known is
// refused in words.
//
// Clauses: INT-SLACK, PLT-RT-SLACK
func TestSlashCommands(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Account("ana", authz.Responder)
		says := func(user, channel, text, want string) {
			w.Helper()
			if got := w.Types(user, channel, text); !strings.Contains(got, want) {
				w.Errorf("/incident %s: %q, want %q", text, got, want)
			}
		}
		says("U001", "C999", "help", "/incident declare")
		says("U001", "C999", "dance", `"dance" is nothing that can be asked for`)
		says("U001", "C999", "note it broke", "This is no incident's channel")
		says("U777", "C999", "declare P1 auth Sign-in fails", "Allclear does not know you")
		says("U002", "C999", "declare P1 auth Sign-in fails", "bo has no account")
		says("U001", "C999", "declare P1 nowhere Sign-in fails", `there is no service "nowhere"`)
		says("U001", "C999", "declare auth Sign-in fails", "say how severe it is")
		says("U001", "C999", "oncall", "primary: Ana")
		says("U001", "C999", "declare P1 auth Sign-in fails", "P1 declared: INC-1 https://allclear.example/incidents/INC-1")
		w.Is(procedure.P1, incident.Investigating)
		w.After(5 * time.Second)
		c := s.Channel("inc-")
		if c == nil {
			w.Fatal("no channel")
		}
		says("U001", c.ID, "status", "INC-1 P1: Sign-in fails")
		says("U001", "C999", "status INC-1", "INC-1 P1: Sign-in fails")
		says("U001", c.ID, "note pool restarted", "On the timeline of INC-1")
		if got := noted(w, "pool restarted"); len(got) != 1 || got[0].Actor != "ana" {
			w.Errorf("noted %+v", got)
		}
		says("U001", c.ID, "role commander me", "INC-1: Ana is incident commander")
		says("U001", c.ID, "role scribe <@U002|bo>", "INC-1: Bo is scribe")
		says("U001", c.ID, "role king bo", "write /incident role")
		if inc := w.Incident(); inc.Roles[incident.Scribe] != "bo" || inc.Commander() != "ana" {
			w.Errorf("roles %v", inc.Roles)
		}
		says("U001", c.ID, "page bo the pool", "person:bo is paged")
		says("U001", c.ID, "update We are working on it.", "the update goes out over status page")
		list := w.Types("U001", c.ID, "task")
		id, _, ok := strings.Cut(strings.Split(list, "\n")[1], "  ")
		if !ok {
			w.Fatalf("tasks %q", list)
		}
		says("U001", c.ID, "task done "+id+" looked at it", ", done.")
		says("U001", c.ID, "task done "+id+" again", "none of the open tasks")
		w.typed-- // Slack tells it again
		says("U001", c.ID, "note twice", "That was asked already")
		says("U001", c.ID, "resolve pool was full", "INC-1 is resolved")
		if w.Incident().Status != incident.Resolved {
			w.Errorf("it is %s", w.Incident().Status)
		}
	})
}

// Somebody who may only follow incidents may not run one from a chat, and nobody
// outside its circle learns that a restricted one is there.
//
// Clauses: INT-SLACK
func TestSlashCommandsKnowWhatAnAccountMay(t *testing.T) {
	Tell(t, func(w *World) {
		s := w.withSlack()
		w.Account("ana", authz.Responder)
		w.Account("bo", authz.Stakeholder)
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		c := s.Channel("inc-")
		if got := w.Types("U002", c.ID, "resolve I say so"); !strings.Contains(got, "not allowed as stakeholder") || w.Incident().Status == incident.Resolved {
			w.Errorf("a stakeholder resolves: %q", got)
		}
		_, err := w.e.Command.Restrict(w.Context(), as("ana"), 1, w.now)
		w.must(err)
		w.After(5 * time.Second)
		there, missing := w.Types("U002", "C999", "status INC-1"), w.Types("U002", "C999", "status INC-7")
		if there != missing || !strings.Contains(there, "there is no such incident") {
			w.Errorf("there: %q, missing: %q", there, missing)
		}
		if got := w.Types("U001", "C999", "status INC-1"); strings.Contains(got, "Sign-in") || !strings.Contains(got, "INC-1") {
			w.Errorf("its circle is told %q", got)
		}
		if p := w.Part(room.Chat); !p.Private {
			w.Errorf("%+v", p)
		}
	})
}
