package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// window is how old a signed call may be, and how far ahead its clock.
const window = 5 * time.Minute

// Keys of Heard.Data.
const (
	dataChallenge = "challenge"
	dataRespond   = "response_url"
	dataUser      = "user"
	dataTyped     = "typed" // the call waits for words in its reply
)

const maxActions = 10

// Hear reads an interactivity payload, a slash command, or what the Events API tells.
func (s *slack) Hear(in plug.Inbound) (plug.Heard, error) {
	if !s.signed(in) {
		return plug.Heard{}, fault.New(fault.Unauthenticated, "the signature of Slack is missing, wrong or too old")
	}
	body := in.Body
	if trimmed := strings.TrimSpace(string(body)); !strings.HasPrefix(trimmed, "{") {
		form, err := url.ParseQuery(trimmed)
		if err != nil {
			return plug.Heard{}, fault.New(fault.Invalid, "the body is neither JSON nor a form")
		}
		switch {
		case form.Has("payload"):
			body = []byte(form.Get("payload"))
		case form.Has("command"):
			return typed(form), nil
		default: // ssl_check and the like
			return plug.Heard{}, nil
		}
	}
	return read(body)
}

// signed checks X-Slack-Signature: v0= and the hex HMAC-SHA256 of
// v0:timestamp:body (https://api.slack.com/authentication/verifying-requests-from-slack).
func (s *slack) signed(in plug.Inbound) bool {
	stamp := in.Sole("X-Slack-Request-Timestamp")
	given, ok := strings.CutPrefix(in.Sole("X-Slack-Signature"), "v0=")
	if !ok || s.signing == "" {
		return false
	}
	want, err := hex.DecodeString(given)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(s.signing.Reveal()))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(in.Body)
	if !hmac.Equal(want, mac.Sum(nil)) {
		return false
	}
	unix, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && in.Now.Sub(time.Unix(unix, 0)).Abs() <= window
}

type action struct{ id, value string }

func read(body []byte) (plug.Heard, error) {
	var kind, challenge, user, respond, room, trigger string
	var actions []action
	var told telling
	j := plug.ReadJSON(body)
	j.Object(func(name []byte) {
		switch string(name) {
		case "type":
			kind = j.Text()
		case "challenge":
			challenge = j.Text()
		case "response_url":
			respond = j.Text()
		case "trigger_id":
			trigger = j.Text()
		case "user":
			user = readUser(j)
		case "channel":
			room = readUser(j)
		case "actions":
			j.Array(maxActions, func(int) { actions = append(actions, readAction(j)) })
		case "event_id":
			told.id = j.Text()
		case "event":
			told.event = j.Doc()
		case "authorizations":
			budget := maxAuthorizations
			told.authorized = plug.DocOf(j.Any(&budget))
		}
	})
	if err := j.End(); err != nil {
		return plug.Heard{}, err
	}
	switch kind {
	case "url_verification":
		return plug.Heard{Data: map[string]string{dataChallenge: challenge}}, nil
	case "block_actions":
		return pressed(actions, user, respond, room, trigger), nil
	case "event_callback":
		return told.heard(), nil
	}
	return plug.Heard{}, nil // an event nobody asked for; Slack wants a 200 all the same
}

func readUser(j *plug.JSON) (id string) {
	if j.Kind() != '{' { // events name a user by the bare id
		j.Skip()
		return ""
	}
	j.Object(func(name []byte) {
		if string(name) == "id" {
			id = j.Text()
		}
	})
	return id
}

func readAction(j *plug.JSON) (a action) {
	j.Object(func(name []byte) {
		switch string(name) {
		case "action_id":
			a.id = j.Text()
		case "value":
			if j.Kind() == '"' {
				a.value = j.Text()
			}
		}
	})
	return a
}

func pressed(actions []action, user, respond, room, trigger string) plug.Heard {
	h := plug.Heard{Data: map[string]string{dataRespond: respond, dataUser: user}}
	for _, a := range actions {
		if verb, ours := strings.CutPrefix(a.id, orderPrefix); ours {
			h.Orders = append(h.Orders, plug.Order{ID: trigger + "/" + verb, Room: room, User: user, Verb: verb, Incident: plug.Line(a.value, plug.MaxWord)})
			continue
		}
		choice, ours := strings.CutPrefix(a.id, actionPrefix)
		if ours && a.value != "" && (choice == plug.Acknowledge || choice == plug.Unavailable) {
			h.Answers = append(h.Answers, plug.PageAnswer{Channel: channel, From: user, Token: a.value, Choice: choice})
		}
	}
	return h
}

// Respond answers the handshake, and tells Slack that the rest arrived: it
// ignores what a reply to a button says, so Tell has the words.
func (s *slack) Respond(h plug.Heard, _ []plug.Result) plug.Reply {
	if c := h.Data[dataChallenge]; c != "" {
		return plug.JSONReply(map[string]string{dataChallenge: c})
	}
	if h.Data[dataTyped] != "" && len(h.Answered) == 1 {
		return plug.JSONReply(answerOf(h.Answered[0]))
	}
	return plug.Reply{Status: http.StatusOK, Type: "text/plain; charset=utf-8"}
}

// Tell replaces the message whose button was pressed by what became of it, or
// tells only the one who pressed that it was not taken.
func (s *slack) Tell(ctx context.Context, h plug.Heard, results []plug.Result) error {
	to := h.Data[dataRespond]
	if to == "" || len(results)+len(h.Answered) == 0 || len(h.Answers) != len(results) {
		return nil
	}
	if !s.mayTell(to) {
		return plug.Fail(plug.Permanent, "tell Slack: the response_url is not Slack's")
	}
	if len(results) == 0 {
		v := answerOf(h.Answered[0])
		v["replace_original"] = false
		return s.post(ctx, to, v)
	}
	r := results[0]
	words := escape.Replace(r.Says(h.Answers[0].Choice))
	v := map[string]any{"text": words, "replace_original": r.Err == nil}
	if r.Err != nil {
		v["response_type"] = "ephemeral"
	} else if who := escape.Replace(h.Data[dataUser]); who != "" {
		v["text"] = words + " (<@" + who + ">)"
	}
	return s.post(ctx, to, v)
}

func (s *slack) post(ctx context.Context, to string, v any) error {
	ans, err := s.http.PostJSON(ctx, to, "", "", v, s.token, s.signing)
	if err != nil {
		return err
	}
	return ans.Failure()
}
