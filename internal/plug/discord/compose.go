package discord

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"allclear/internal/plug"
)

// Limits of Discord.
const (
	contentLimit  = 400 // of 2000: the rest goes into the embed
	embedLimit    = 4000
	footerLimit   = 200
	customIDLimit = 100
	urlLimit      = 512
)

// escape keeps the text of an alert from making links, spoilers and code. It
// leaves _ alone, which addresses on the web are full of; mentions are turned
// off for the whole message.
var escape = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "`", "\\`", "*", `\*`, "|", `\|`, "~", `\~`)

type message struct {
	Content    string      `json:"content"`
	Embeds     []embed     `json:"embeds"`
	Components []component `json:"components"`
	Mentions   mentions    `json:"allowed_mentions"`
	Nonce      string      `json:"nonce,omitempty"` // Discord answers a resend with the message it has
	Enforce    bool        `json:"enforce_nonce,omitempty"`
	Flags      int         `json:"flags,omitempty"`
}

type embed struct {
	Text   string  `json:"description,omitempty"`
	Color  int     `json:"color,omitempty"`
	Footer *footer `json:"footer,omitempty"`
}

type footer struct {
	Text string `json:"text"`
}

type mentions struct {
	Parse []string `json:"parse"` // empty: nobody is mentioned, whatever the text says
}

var nobody = mentions{Parse: []string{}}

// Types and styles of components.
const (
	typeRow, typeButton        = 1, 2
	styleGood, styleDanger     = 3, 4
	styleLink                  = 5
	colorPage, colorNotice int = 0xD24B4E, 0x4B7BD2
)

type component struct {
	Type       int         `json:"type"`
	Style      int         `json:"style,omitempty"`
	Label      string      `json:"label,omitempty"`
	ID         string      `json:"custom_id,omitempty"`
	URL        string      `json:"url,omitempty"`
	Components []component `json:"components,omitempty"`
}

func (m message) empty() bool { return m.Content == "" && m.Embeds[0].Text == "" }

func (d *discord) compose(m plug.Message) message {
	sum := sha256.Sum256([]byte(m.Key))
	e := embed{Color: colorNotice, Text: plug.Limit{Size: embedLimit, Measure: plug.UTF16, Escape: escape}.Fit(m.Text)}
	if m.Kind == plug.Page {
		e.Color = colorPage
	}
	if key := plug.Line(m.Key, footerLimit); key != "" {
		e.Footer = &footer{Text: key}
	}
	out := message{
		Content: plug.Limit{Size: contentLimit, Measure: plug.UTF16, Escape: escape}.Fit(plug.Line(m.Subject, contentLimit)),
		Embeds:  []embed{e}, Components: []component{}, Mentions: nobody,
		Nonce: base64.RawURLEncoding.EncodeToString(sum[:18]), Enforce: true,
	}
	if row := d.buttons(m); len(row) > 0 {
		out.Components = []component{{Type: typeRow, Components: row}}
	}
	return out
}

// forWebhook leaves out what only the application's own messages may have.
func (m message) forWebhook(from plug.Message) message {
	m.Nonce, m.Enforce, m.Components = "", false, []component{}
	if row := linkButton(from, false); row != nil {
		m.Components = []component{{Type: typeRow, Components: row}}
	}
	return m
}

// idPrefix begins the custom_id of our buttons; the choice and the token follow.
const idPrefix = "allclear:"

func (d *discord) buttons(m plug.Message) []component {
	var out []component
	if len(d.key) > 0 { // an answer nobody can prove is not offered
		for _, c := range m.Choices() {
			style := styleGood
			if c.Name == plug.Unavailable {
				style = styleDanger
			}
			if id := idPrefix + c.Name + ":" + m.Token; len(id) <= customIDLimit {
				out = append(out, component{Type: typeButton, Style: style, Label: c.Label, ID: id})
			}
		}
	}
	return append(out, linkButton(m, len(out) > 0)...)
}

func linkButton(m plug.Message, beside bool) []component {
	href, label := m.Link()
	if href == "" || len(href) > urlLimit {
		return nil
	}
	if beside {
		label = "Open"
	}
	return []component{{Type: typeButton, Style: styleLink, Label: label, URL: href}}
}
