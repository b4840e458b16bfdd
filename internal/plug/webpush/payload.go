package webpush

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"allclear/internal/plug"
)

// content is what the service worker reads. Fields are only ever added: a worker
// of the version before may be the one that reads them.
type content struct {
	Key      string    `json:"key"` // a resend shows once
	Kind     string    `json:"kind"`
	Title    string    `json:"title"`
	Body     string    `json:"body,omitempty"`
	Cut      bool      `json:"cut,omitempty"`      // the body goes on in the console
	Incident string    `json:"incident,omitempty"` // INC-42, for the way to it
	Code     string    `json:"code,omitempty"`     // answers the page at /ack/{code}
	Join     bool      `json:"join,omitempty"`     // can be answered unavailable too
	At       time.Time `json:"at"`
}

const more = "…"

// payload is the message as JSON that fits into a push message. What is cut is
// marked, first in the body, then in the title; the way to answer never is.
func payload(m plug.Message) ([]byte, error) {
	c := content{Key: m.Key, Kind: m.Kind, Title: m.Subject, Body: m.Text, Code: m.Token, Join: m.Join, At: m.At.UTC()}
	c.Incident, _ = m.Data["incident"].(string)
	if m.Kind == plug.End {
		c.Key, c.Code = m.Of, "" // nothing is left to answer
	}
	for _, field := range []*string{&c.Body, &c.Title} {
		text, err := json.Marshal(c)
		if err != nil || len(text) <= maxText {
			return text, err
		}
		c.Cut = true
		whole := *field
		// The longest beginning that fits: JSON may need several bytes for one.
		low, high := 0, len(whole)
		for low < high {
			mid := (low + high + 1) / 2
			*field = beginning(whole, mid) + more
			if text, err = json.Marshal(c); err == nil && len(text) <= maxText {
				low = mid
			} else {
				high = mid - 1
			}
		}
		*field = beginning(whole, low) + more
	}
	return json.Marshal(c)
}

// beginning is at most n bytes of s, without half a character.
func beginning(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
