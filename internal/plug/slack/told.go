package slack

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"allclear/internal/plug"
)

// What the Events API tells of an incident's channel, and what people type there.

// orderPrefix begins the action_id of buttons that ask for something; the verb
// follows.
const orderPrefix = "allclear_do_"

const (
	maxAuthorizations = 1000 // values
	pushpin           = "pushpin"
)

// telling is one call of the Events API.
type telling struct {
	id         string
	event      plug.Doc
	authorized plug.Doc // whose app is told: our bot is among them
}

func (t telling) heard() plug.Heard {
	e := t.event
	s := plug.Saying{ID: t.id}
	switch e.Text("type") {
	case "reaction_added":
		if !pinLike(e.Text("reaction")) || e.Text("item", "type") != "message" || t.bot(e.Text("item_user")) {
			return plug.Heard{}
		}
		s.By, s.Room, s.Message = e.Text("user"), e.Text("item", "channel"), e.Text("item", "ts")
	case "pin_added":
		m := e.At("item", "message")
		s.By, s.Room, s.Message = e.Text("user"), e.Text("channel_id"), m.Text("ts")
		if s.Message == "" {
			s.Message = e.Text("item", "ts")
		}
		if m.Text("bot_id") != "" || t.bot(m.Text("user")) {
			return plug.Heard{}
		}
		s.Remark = plug.Remark{User: m.Text("user"), Text: plain(m.Exact("text")), At: stamp(s.Message)}
	case "message":
		text, marked := pinned(e.Exact("text"))
		if sub := e.Text("subtype"); !marked || sub != "" && sub != "thread_broadcast" || e.Text("bot_id") != "" {
			return plug.Heard{}
		}
		s.By, s.Room, s.Message = e.Text("user"), e.Text("channel"), e.Text("ts")
		s.Remark = plug.Remark{User: s.By, Text: plain(text), At: stamp(s.Message)}
	default:
		return plug.Heard{}
	}
	if s.Room == "" || s.Message == "" || t.bot(s.By) {
		return plug.Heard{}
	}
	return plug.Heard{Sayings: []plug.Saying{s}}
}

// bot reports whether a user is our own app: what we pin ourselves is on the record
// already.
func (t telling) bot(user string) bool {
	for _, a := range t.authorized.List() {
		if a.True("is_bot") && user != "" && a.Text("user_id") == user {
			return true
		}
	}
	return false
}

func pinLike(reaction string) bool { return reaction == pushpin || reaction == "round_pushpin" }

// pinned reads a message that begins with a pushpin: whoever writes it wants it on
// the record.
func pinned(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for _, mark := range []string{":pushpin:", ":round_pushpin:", "📌"} {
		if rest, ok := strings.CutPrefix(text, mark); ok {
			return strings.TrimSpace(rest), strings.TrimSpace(rest) != ""
		}
	}
	return text, false
}

// typed reads a slash command: the first word says what is wanted.
func typed(form url.Values) plug.Heard {
	verb, rest, _ := strings.Cut(strings.TrimSpace(form.Get("text")), " ")
	o := plug.Order{
		ID: form.Get("trigger_id"), Room: form.Get("channel_id"), User: form.Get("user_id"), UserName: plug.Line(form.Get("user_name"), plug.MaxWord),
		Verb: strings.ToLower(plug.Line(verb, plug.MaxWord)), Text: plain(mention.ReplaceAllString(strings.TrimSpace(rest), "@$1")),
	}
	return plug.Heard{Orders: []plug.Order{o}, Data: map[string]string{dataTyped: "yes"}}
}

// mention is a user in a command: the id says who is meant, whatever they are called.
var mention = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>`)

// answerOf is what an order came to, for who gave it or for the channel.
func answerOf(a plug.Answered) map[string]any {
	kind := "ephemeral"
	if a.Public {
		kind = "in_channel"
	}
	body := plug.Limit{Size: sectionLimit, Measure: plug.UTF16, Escape: escape}
	return map[string]any{"response_type": kind, "text": body.Fit(a.Text)}
}

// stamp is the time in the id of a message, such as 1503435956.000247.
func stamp(ts string) time.Time {
	whole, part, _ := strings.Cut(ts, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec <= 0 || sec > 1<<40 {
		return time.Time{}
	}
	micros, err := strconv.ParseInt(part, 10, 64)
	if err != nil || micros < 0 || micros > 999_999 {
		micros = 0
	}
	return time.Unix(sec, micros*1000).UTC()
}

// reference is what Slack writes for links, people, channels and groups: <…>.
var reference = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain is a text as people read it.
func plain(text string) string {
	text = reference.ReplaceAllStringFunc(plug.Storable(text), func(s string) string {
		g := reference.FindStringSubmatch(s)
		target, label := g[1], g[2]
		switch {
		case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"), strings.HasPrefix(target, "!"):
			if label != "" {
				return target[:1] + strings.TrimLeft(label, "@#!")
			}
			return target
		}
		if target = strings.TrimPrefix(target, "mailto:"); label != "" && label != target {
			return label + " (" + target + ")"
		}
		return target
	})
	return unescape.Replace(text)
}
