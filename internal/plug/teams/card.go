package teams

import (
	"allclear/internal/plug"
)

// Limits of Teams. The payload may have 28 KB, and what counts it may count two
// bytes for each character (UTF-16).
const (
	payloadLimit = 28 * 1024
	subjectLimit = 250
	textLimit    = 12_000
)

type payload struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	Type    string  `json:"contentType"`
	URL     *string `json:"contentUrl"`
	Content card    `json:"content"`
}

type card struct {
	Schema  string         `json:"$schema"`
	Type    string         `json:"type"`
	Version string         `json:"version"`
	Body    []element      `json:"body"`
	Actions []action       `json:"actions,omitempty"`
	Teams   map[string]any `json:"msteams"`
	Speak   string         `json:"fallbackText,omitempty"`
}

// element is a RichTextBlock: unlike a TextBlock it reads no Markdown, so the
// text of an alert can make neither a link nor an image.
type element struct {
	Type    string `json:"type"`
	Inlines []run  `json:"inlines"`
}

type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// compose makes the payload, with as much of the text as the limit allows.
func compose(m plug.Message) (payload, error) {
	for size := textLimit; size >= 100; size = size * 2 / 3 {
		p := lay(m, size)
		body, err := plug.EncodeJSON(p)
		if err != nil {
			return payload{}, plug.Fail(plug.Permanent, "send to Teams: the card is no JSON")
		}
		if len(body) <= payloadLimit && 2*plug.UTF16(string(body)) <= payloadLimit {
			return p, nil
		}
	}
	return payload{}, plug.Fail(plug.Permanent, "send to Teams: the card does not fit 28 KB")
}

func lay(m plug.Message, size int) payload {
	c := card{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
		Teams: map[string]any{"width": "Full"}, Speak: plug.Line(m.Subject, subjectLimit),
	}
	add := func(r run) {
		if r.Type = "TextRun"; r.Text != "" {
			c.Body = append(c.Body, element{Type: "RichTextBlock", Inlines: []run{r}})
		}
	}
	head := run{Text: plug.Line(m.Subject, subjectLimit), Size: "Large", Weight: "Bolder"}
	if m.Kind == plug.Page {
		head.Color = "Attention"
	}
	add(head)
	add(run{Text: plug.Limit{Size: size, Measure: plug.UTF16}.Fit(m.Text)})
	add(run{Text: plug.Line(m.Key, subjectLimit), Size: "Small", Subtle: true}) // tells a resend from another message
	if href, label := m.Link(); href != "" {
		c.Actions = []action{{Type: "Action.OpenUrl", Title: label, URL: href}}
	}
	return payload{Type: "message", Attachments: []attachment{{Type: "application/vnd.microsoft.card.adaptive", Content: c}}}
}
