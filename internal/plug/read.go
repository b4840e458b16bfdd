package plug

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"allclear/internal/domain/alert"
)

// layouts of instants as senders write them. Fractions of a second are read
// with each of them; an instant without a zone is UTC.
var layouts = [...]string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700", // PagerDuty's own example: 2015-07-17T08:42:58.315+0000
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02",
}

// ReadTime reads an ISO 8601 instant, in UTC. The empty text, and year 1 or
// before (how Go programs write "not set"), are the zero time.
func ReadTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	for _, l := range layouts {
		t, err := time.Parse(l, s)
		if err != nil {
			continue
		}
		switch t = t.UTC(); {
		case t.Year() <= 1:
			return time.Time{}, nil
		case t.Year() > 9999: // no RFC 3339 text could hold it again
			return time.Time{}, errors.New("is a time beyond the year 9999")
		}
		return t, nil
	}
	return time.Time{}, errors.New("is not an ISO 8601 time such as 2006-01-02T15:04:05Z")
}

// Time reads a string that holds an instant; null is the zero time.
func (j *JSON) Time() time.Time {
	s := j.Text()
	if j.what != "" || s == "" {
		return time.Time{}
	}
	t, err := ReadTime(s)
	if err != nil {
		j.fail(err.Error())
	}
	return t
}

// Epoch reads seconds, milliseconds, microseconds or nanoseconds since 1970,
// told apart by size; what is none of them is the zero time.
func Epoch(v float64) time.Time {
	if !(v >= 1e8 && v < 1e19) { // NaN is neither
		return time.Time{}
	}
	for v >= 1e11 {
		v /= 1e3
	}
	return time.UnixMilli(int64(v * 1e3)).UTC()
}

// Key makes what identifies an event fit the limit; long ones stay distinct.
func Key(k string) string {
	if !TooLong(k, MaxDedup) {
		return k
	}
	sum := sha256.Sum256([]byte(k))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// DedupKey is the Key of what identifies a problem of a kind. Without a single part
// it is empty.
func DedupKey(kind string, parts ...string) string {
	for _, p := range parts {
		if p != "" {
			return Key(kind + "/" + strings.Join(parts, "/"))
		}
	}
	return ""
}

// Line makes text fit for one line of at most n characters: control characters
// become spaces, and what is too long is cut.
func Line(text string, n int) string {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == 0x7f || c >= utf8.RuneSelf {
			text = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
					return ' '
				}
				return r
			}, strings.ToValidUTF8(text, "\uFFFD"))
			break
		}
	}
	return cut(strings.TrimSpace(text), n)
}

func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// TooLong reports whether text has more than n characters.
func TooLong(text string, n int) bool {
	return len(text) > n && utf8.RuneCountInString(text) > n
}

// WebURL is text when it is an http or https address a person can follow, and
// empty otherwise: what an event brings must not become a script in a console.
func WebURL(text string) string {
	const most = 2048
	text = strings.TrimSpace(text)
	if text == "" || len(text) > most {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return text
}

// AddLink appends a link unless it leads nowhere or there are enough.
func AddLink(links []alert.Link, href, text string) []alert.Link {
	if href = WebURL(href); href == "" || len(links) >= MaxLinks {
		return links
	}
	return append(links, alert.Link{Href: href, Text: Line(text, MaxWord)})
}

var linkIn = regexp.MustCompile(`https?://[^\s<>"')\]]+`)

// LinksIn are the first addresses in a text, such as a runbook's in the
// description of an alert.
func LinksIn(text string) (out []alert.Link) {
	const most = 5
	for _, href := range linkIn.FindAllString(text, most) {
		out = AddLink(out, strings.TrimRight(href, ".,;"), "Link in the description")
	}
	return out
}
