// Package feed owns what public feeds say: RSS 2.0 and 1.0 (rssboard.org,
// web.resource.org/rss/1.0), Atom (RFC 4287), JSON Feed 1.1 (jsonfeed.org), the
// list of latest topics of Discourse (docs.discourse.org) and the recent search
// of X (docs.x.com). It turns a document that strangers wrote into entries, bounded
// and without markup. It must not fetch anything, nor judge what an entry says.
package feed

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"allclear/internal/base/fault"
)

// Limits on one document.
const (
	MaxBytes   = 4 << 20
	MaxEntries = 500
	maxTitle   = 300  // bytes
	maxText    = 2000 // bytes
	maxLink    = 2048
	maxID      = 512
	maxAuthor  = 100
)

// Entry is one thing somebody wrote.
type Entry struct {
	ID     string // that its feed knows it by, or its address
	Title  string
	Text   string
	Link   string // http or https, or empty
	Author string
	At     time.Time // when it was written; zero: the feed does not say
}

// Read reads a document of one of the forms rss (Atom too), json, discourse and
// x. The address it was read from makes relative links whole. Entries without
// anything to know them by are left out; two of one id are one.
func Read(form string, body []byte, from string) ([]Entry, error) {
	if len(body) > MaxBytes {
		return nil, fault.New(fault.Invalid, "the document is longer than %d bytes", MaxBytes)
	}
	var all []Entry
	var err error
	switch form {
	case "rss":
		all, err = readXML(body)
	case "json":
		all, err = readJSONFeed(body)
	case "discourse":
		all, err = readDiscourse(body, from)
	case "x":
		all, err = readX(body)
	default:
		return nil, fault.New(fault.Invalid, "form %q is not one of rss, json, discourse and x", form)
	}
	if err != nil {
		return nil, err
	}
	base, _ := url.Parse(from)
	out := make([]Entry, 0, len(all))
	seen := map[string]bool{}
	for i := range all {
		e := tidy(all[i], base)
		if e.ID == "" || e.Title+e.Text == "" || seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		out = append(out, e)
		if len(out) == MaxEntries {
			break
		}
	}
	return out, nil
}

func tidy(e Entry, base *url.URL) Entry {
	e.Link = link(e.Link, base)
	e.Title, e.Text, e.Author = Plain(e.Title, maxTitle), Plain(e.Text, maxText), Plain(e.Author, maxAuthor)
	e.ID = cut(strings.TrimSpace(strings.ToValidUTF8(cmp.Or(e.ID, e.Link, e.Title), "")), maxID)
	if y := e.At.Year(); y < 1990 || y > 2200 { // also the zero time in other words
		e.At = time.Time{}
	}
	e.At = e.At.UTC()
	return e
}

// link keeps an address a person can follow. Whatever else a stranger put there,
// such as javascript:, is no link.
func link(raw string, base *url.URL) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || raw == "" {
		return ""
	}
	if base != nil && !u.IsAbs() {
		u = base.ResolveReference(u)
	}
	if s := u.String(); u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http") && len(s) <= maxLink {
		return s
	}
	return ""
}

// Plain is text without markup and control characters, its white space as single
// spaces, at most so many bytes long.
func Plain(s string, most int) string {
	const enough = 8 // markup is longer than what it says, but not for ever
	s = cut(s, most*enough)
	var b strings.Builder
	for range 2 { // once as markup, once as markup that was escaped in it
		b.Reset()
		depth := false
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == '<' && i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '!' || s[i+1]|0x20 >= 'a' && s[i+1]|0x20 <= 'z'):
				depth = true
				b.WriteByte(' ')
			case c == '>' && depth:
				depth = false
			case !depth:
				b.WriteByte(c)
			}
		}
		s = html.UnescapeString(b.String())
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(s), " "), most)
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// word is a value that senders write as text or as a number.
type word string

// UnmarshalJSON takes text and numbers; anything else is nothing.
func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = word(s)
		return nil
	}
	if _, err := strconv.ParseFloat(string(b), 64); err == nil {
		*w = word(b)
	}
	return nil
}

var layouts = []string{
	time.RFC3339, time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST",
	"Mon, 2 Jan 2006 15:04 -0700", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02",
}

// zones are the names RFC 822 knows; every other name would be read as UTC.
var zones = strings.NewReplacer(" EST", " -0500", " EDT", " -0400", " CST", " -0600", " CDT", " -0500", " MST", " -0700", " MDT", " -0600", " PST", " -0800", " PDT", " -0700", " UT", " +0000", " GMT", " +0000", " UTC", " +0000")

// instant reads a time as feeds write it; the zero time when it is none.
func instant(s string) time.Time {
	s = strings.Join(strings.Fields(s), " ")
	if strings.Contains(s, " ") {
		for _, suffix := range []string{"UTC", "UT", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"} {
			if strings.HasSuffix(s, " "+suffix) {
				s = zones.Replace(s)
				break
			}
		}
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Newest is the largest of the numeric ids, for searches that ask for what came
// after it.
func Newest(all []Entry) string {
	return slices.MaxFunc(append([]Entry{{}}, all...), func(a, b Entry) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	}).ID
}
