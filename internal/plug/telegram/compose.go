package telegram

import (
	"net/url"
	"strings"

	"allclear/internal/plug"
)

// Limits of the Bot API. The text is counted without markup; counting ours
// with its escapes stays below.
const (
	textLimit     = 4096
	subjectLimit  = 256
	callbackBytes = 64
	toastLimit    = 200
)

// escape is what parse_mode HTML asks for.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

type send struct {
	Chat    string    `json:"chat_id"`
	Text    string    `json:"text"`
	Mode    string    `json:"parse_mode"`
	Preview preview   `json:"link_preview_options"`
	Silent  bool      `json:"disable_notification,omitempty"`
	Markup  *keyboard `json:"reply_markup,omitempty"`
}

type preview struct {
	Disabled bool `json:"is_disabled"`
}

type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

func (t *telegram) compose(m plug.Message, to string) send {
	s := send{Chat: to, Mode: "HTML", Preview: preview{Disabled: true}, Silent: m.Kind == plug.Post}
	head, foot := "", ""
	if line := escape.Replace(plug.Line(m.Subject, subjectLimit)); line != "" {
		head = "<b>" + line + "</b>\n"
	}
	row := t.buttons(m)
	if href, label := m.Link(); href != "" && !hasLink(row) {
		foot = "\n" + label + ": " + escape.Replace(href)
	}
	if len(foot) > textLimit/4 {
		foot = ""
	}
	room := textLimit - plug.UTF16(head) - plug.UTF16(foot)
	s.Text = strings.TrimSpace(head + plug.Limit{Size: room, Measure: plug.UTF16, Escape: escape}.Fit(m.Text) + foot)
	if len(row) > 0 {
		s.Markup = &keyboard{Rows: [][]button{row}}
	}
	return s
}

// What begins the callback_data of our buttons; the token follows.
var choices = map[string]string{plug.Acknowledge: "a:", plug.Unavailable: "u:"}

func (t *telegram) buttons(m plug.Message) []button {
	var out []button
	if t.hook != "" { // an answer nobody can prove is not offered
		for _, c := range m.Choices() {
			if data := choices[c.Name] + m.Token; len(data) <= callbackBytes {
				out = append(out, button{Text: c.Label, Data: data})
			}
		}
	}
	href, label := m.Link()
	if u, err := url.Parse(href); href != "" && err == nil && strings.Contains(u.Hostname(), ".") { // Telegram refuses hosts such as localhost
		if len(out) > 0 {
			label = "Open"
		}
		out = append(out, button{Text: label, URL: href})
	}
	return out
}

func hasLink(row []button) bool {
	for _, b := range row {
		if b.URL != "" {
			return true
		}
	}
	return false
}
