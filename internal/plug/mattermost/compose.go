package mattermost

import (
	"strings"
	"unicode"

	"allclear/internal/plug"
)

// Limits of Mattermost: 16,383 characters a message. Less is read anyway.
const (
	textLimit    = 8000
	subjectLimit = 250
)

// escape keeps the text of an alert from making links, images and code. It
// leaves _ and # alone, which addresses on the web are full of.
var escape = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "`", "\\`", "*", `\*`, "|", `\|`, "~", `\~`)

type post struct {
	Channel string `json:"channel_id,omitempty"`
	Pending string `json:"pending_post_id,omitempty"` // the server answers a resend with the post it has
	Message string `json:"message,omitempty"`         // of a bot's post
	Text    string `json:"text,omitempty"`            // of a webhook
	Props   props  `json:"props"`
	// A webhook takes attachments beside the props.
	Attachments []attachment `json:"attachments,omitempty"`
}

type props struct {
	Key         string       `json:"allclear_key"`
	NoMention   bool         `json:"disable_group_highlight"`
	NoPreview   bool         `json:"disable_link_preview,omitempty"`
	Attachments []attachment `json:"attachments,omitempty"`
}

type attachment struct {
	Fallback string   `json:"fallback"`
	Color    string   `json:"color,omitempty"`
	Text     string   `json:"text,omitempty"`
	Actions  []action `json:"actions,omitempty"`
}

type action struct {
	ID          string      `json:"id"` // letters and digits only, or the server drops the call
	Type        string      `json:"type"`
	Name        string      `json:"name"`
	Style       string      `json:"style,omitempty"`
	Integration integration `json:"integration"`
}

type integration struct {
	URL     string     `json:"url"`
	Context actContext `json:"context"` // kept by the server, never shown to clients
}

type actContext struct {
	Token  string `json:"token"`
	Choice string `json:"choice"`
}

// post makes the payload of a webhook, or of the API when there is a channel id.
func (c *mattermost) post(m plug.Message, to string) post {
	text := plug.Limit{Size: textLimit, Measure: plug.UTF16, Escape: escape}.Fit(quiet(m.Text))
	if head := escape.Replace(quiet(plug.Line(m.Subject, subjectLimit))); head != "" {
		text = "**" + head + "**\n" + text
	}
	href, label := m.Link()
	if href != "" {
		text += "\n[" + label + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(href) + ")"
	}
	p := post{Channel: to, Props: props{Key: m.Key, NoMention: true, NoPreview: true}}
	var att []attachment
	if as := c.actions(m); len(as) > 0 {
		att = []attachment{{Fallback: label, Color: "#d24b4e", Actions: as}}
	}
	if to == "" {
		p.Text, p.Attachments = text, att
		return p
	}
	p.Message, p.Pending, p.Props.Attachments = text, m.Key, att
	return p
}

func (c *mattermost) actions(m plug.Message) []action {
	var out []action
	if c.callback == "" {
		return nil
	}
	for _, ch := range m.Choices() {
		style := "primary"
		if ch.Name == plug.Unavailable {
			style = "danger"
		}
		out = append(out, action{
			ID: ch.Name, Type: "button", Name: ch.Label, Style: style,
			Integration: integration{URL: c.callback, Context: actContext{Token: m.Token, Choice: ch.Name}},
		})
	}
	return out
}

// quiet takes the power out of @all, @channel, @here and of names: a character
// without width follows an @ that begins a word.
func quiet(s string) string {
	var b strings.Builder
	before := ' '
	for _, r := range s {
		b.WriteRune(r)
		if r == '@' && !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			b.WriteRune('\u200b')
		}
		before = r
	}
	return b.String()
}
