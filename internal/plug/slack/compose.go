package slack

import (
	"strings"

	"allclear/internal/plug"
)

// Limits of Slack (https://api.slack.com/reference/block-kit/blocks).
const (
	headerLimit  = 150
	sectionLimit = 3000
	buttonURL    = 3000
)

// escape is all that Slack asks for, and what keeps <!channel> and <@U1> in the
// text of an alert from being mentions.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type block struct {
	Type     string   `json:"type"`
	Text     *text    `json:"text,omitempty"`
	Elements []button `json:"elements,omitempty"`
}

type button struct {
	Type   string `json:"type"`
	Action string `json:"action_id"`
	Text   text   `json:"text"`
	Value  string `json:"value,omitempty"`
	URL    string `json:"url,omitempty"`
	Style  string `json:"style,omitempty"`
}

type post struct {
	Channel     string   `json:"channel"`
	Text        string   `json:"text"` // what notifications and screen readers show
	Blocks      []block  `json:"blocks,omitempty"`
	UnfurlLinks bool     `json:"unfurl_links"`
	UnfurlMedia bool     `json:"unfurl_media"`
	Metadata    metadata `json:"metadata"`
}

// metadata carries the key, so that a resend can be told from another message.
type metadata struct {
	Type    string            `json:"event_type"`
	Payload map[string]string `json:"event_payload"`
}

func (s *slack) compose(m plug.Message) post {
	body := plug.Limit{Size: sectionLimit, Measure: plug.UTF16, Escape: escape}
	p := post{
		Channel:  m.To,
		Text:     body.Fit(strings.TrimSpace(m.Subject + "\n" + m.Text)),
		Metadata: metadata{Type: "allclear_" + m.Kind, Payload: map[string]string{"key": m.Key}},
	}
	if head := plug.Line(m.Subject, headerLimit); head != "" {
		p.Blocks = append(p.Blocks, block{Type: "header", Text: &text{Type: "plain_text", Text: head}})
	}
	if t := body.Fit(m.Text); t != "" {
		p.Blocks = append(p.Blocks, block{Type: "section", Text: &text{Type: "mrkdwn", Text: t}})
	}
	if bs := s.buttons(m); len(bs) > 0 {
		p.Blocks = append(p.Blocks, block{Type: "actions", Elements: bs})
	}
	return p
}

// actionPrefix begins the action_id of our buttons; the choice follows.
const (
	actionPrefix = "allclear_"
	actionLink   = "allclear_open"
)

func (s *slack) buttons(m plug.Message) []button {
	var out []button
	if s.signing != "" { // an answer nobody can prove is not offered
		for _, c := range m.Choices() {
			style := "primary"
			if c.Name == plug.Unavailable {
				style = "danger"
			}
			out = append(out, button{Type: "button", Action: actionPrefix + c.Name, Text: text{"plain_text", c.Label}, Value: m.Token, Style: style})
		}
	}
	if href, label := m.Link(); href != "" && len(href) <= buttonURL {
		if len(out) > 0 {
			label = "Open"
		}
		out = append(out, button{Type: "button", Action: actionLink, Text: text{"plain_text", label}, URL: href})
	}
	return out
}

// pinnedPost is the summary of an incident with what can be pressed there.
func (s *slack) pinnedPost(ref string, sum plug.Summary) map[string]any {
	body := plug.Limit{Size: sectionLimit, Measure: plug.UTF16, Escape: escape}
	facts := body.Fit(sum.Text)
	blocks := []block{
		{Type: "header", Text: &text{Type: "plain_text", Text: plug.Line(sum.Head, headerLimit)}},
		{Type: "section", Text: &text{Type: "mrkdwn", Text: facts}},
	}
	if links := linkLine(sum.Links); links != "" {
		blocks = append(blocks, block{Type: "section", Text: &text{Type: "mrkdwn", Text: links}})
	}
	if s.signing != "" && sum.Open {
		blocks = append(blocks, block{Type: "actions", Elements: []button{
			{Type: "button", Action: orderPrefix + "join", Text: text{"plain_text", "I join"}, Value: sum.Incident, Style: "primary"},
			{Type: "button", Action: orderPrefix + "command", Text: text{"plain_text", "I take command"}, Value: sum.Incident},
			{Type: "button", Action: orderPrefix + "status", Text: text{"plain_text", "Where it stands"}, Value: sum.Incident},
		}})
	}
	return map[string]any{
		"channel": ref, "text": body.Fit(sum.Head + "\n" + sum.Text), "blocks": blocks, "unfurl_links": false, "unfurl_media": false,
		"metadata": metadata{Type: "allclear_summary", Payload: map[string]string{"key": sum.Incident}},
	}
}

// linkLine writes links in Slack's own way, one after the other.
func linkLine(links []plug.Link) string {
	var parts []string
	for _, l := range links {
		if u := plug.WebURL(l.URL); u != "" && !strings.ContainsAny(u, "<>|") {
			parts = append(parts, "<"+escape.Replace(u)+"|"+strings.NewReplacer("|", "/", ">", "").Replace(escape.Replace(l.Label))+">")
		}
	}
	return strings.Join(parts, "  ·  ")
}
