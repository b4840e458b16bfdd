// Package brand owns how a company makes the status page its own without code:
// name, logo, colours, languages, a way to support. It refuses colours that cannot
// be read and cleans pictures, so that whatever it has let through can be served.
// It must not know what the page tells.
package brand

import (
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"allclear/internal/base/fault"
)

// Brand is what a company chose. Everything is optional.
type Brand struct {
	Name       string   `json:"name,omitempty"`
	Logo       Picture  `json:"logo,omitzero"`
	Favicon    Picture  `json:"favicon,omitzero"`      // none: a dot in the colour of the present state
	Accent     string   `json:"accent,omitempty"`      // of links, on light; #rrggbb
	AccentDark string   `json:"accent_dark,omitempty"` // the same on dark
	Band       string   `json:"band,omitempty"`        // of the head; none: that of the page
	BandText   string   `json:"band_text,omitempty"`   // on it
	Support    string   `json:"support,omitempty"`     // https or mailto address
	Footer     string   `json:"footer,omitempty"`      // plain text
	Languages  []string `json:"languages,omitempty"`   // offered to readers; none: all
	Language   string   `json:"language,omitempty"`    // of readers who ask for none of them; none: the first
}

// Languages are those the page speaks, English first.
var Languages = []string{"en", "de", "fr", "es"}

// The surfaces text stands on, which the style sheet draws. Links stand on both of
// a scheme.
var (
	light = []string{"#ffffff", "#f8f8f6"}
	dark  = []string{"#121316", "#1a1c20"}
)

// MinContrast is what WCAG 2.2 AA asks of text (1.4.3).
const MinContrast = 4.5

const (
	maxName   = 100
	maxFooter = 1000
)

// Speaks are the languages a reader may choose from, the default first.
func (b Brand) Speaks() []string {
	out := slices.Clone(b.Languages)
	if len(out) == 0 {
		out = slices.Clone(Languages)
	}
	if at := slices.Index(out, b.Language); at > 0 {
		out = slices.Insert(slices.Delete(out, at, at+1), 0, b.Language)
	}
	return out
}

// Check cleans the pictures and reports everything else that is wrong as one
// fault.Invalid error with a detail for each place.
func (b *Brand) Check() error {
	bad := fault.New(fault.Invalid, "the status page cannot look like that")
	need := func(ok bool, where, what string, args ...any) {
		if !ok {
			bad = bad.With(where, fmt.Sprintf(what, args...))
		}
	}
	need(line(b.Name, maxName), "/name", "must be one line of up to %d bytes", maxName)
	need(len(b.Footer) <= maxFooter && utf8.ValidString(b.Footer) && !strings.ContainsRune(b.Footer, 0), "/footer", "must be text of up to %d bytes", maxFooter)
	need(b.Support == "" || supports(b.Support), "/support", "must be an address with https: or mailto:")
	for i, l := range b.Languages {
		need(slices.Contains(Languages, l) && !slices.Contains(b.Languages[:i], l), fmt.Sprintf("/languages/%d", i), "must be one of %s, once", strings.Join(Languages, ", "))
	}
	need(b.Language == "" || slices.Contains(b.Speaks(), b.Language), "/language", "must be one that is offered")
	for _, c := range []struct{ where, colour string }{{"/accent", b.Accent}, {"/accent_dark", b.AccentDark}, {"/band", b.Band}, {"/band_text", b.BandText}} {
		_, err := parse(c.colour)
		need(c.colour == "" || err == nil, c.where, "must be a colour such as #1f51c0")
	}
	need((b.Band == "") == (b.BandText == ""), "/band_text", "goes with band: give both or none")
	if len(bad.Details) == 0 {
		for _, c := range b.pairs() {
			got := Contrast(c.text, c.on)
			need(got >= MinContrast, c.where, "has a contrast of %.1f to 1 on %s; text needs %.1f", math.Floor(got*10)/10, c.on, MinContrast)
		}
	}
	for where, p := range map[string]*Picture{"/logo": &b.Logo, "/favicon": &b.Favicon} {
		if err := p.clean(); err != nil {
			bad = bad.With(where, err.Error())
		}
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

type pair struct{ where, text, on string }

// pairs are the texts in a chosen colour with what they stand on.
func (b *Brand) pairs() (out []pair) {
	add := func(where, text string, on ...string) {
		for _, o := range on {
			if text != "" {
				out = append(out, pair{where, text, o})
			}
		}
	}
	add("/accent", b.Accent, light...)
	add("/accent_dark", b.AccentDark, dark...)
	add("/band_text", b.BandText, b.Band)
	return out
}

func line(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) && strings.TrimSpace(s) == s
}

func supports(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 500 {
		return false
	}
	if u.Scheme == "mailto" {
		_, err := mail.ParseAddress(u.Opaque)
		return err == nil
	}
	return u.Scheme == "https" && u.Host != "" && u.User == nil
}

// Contrast is the ratio of two colours #rrggbb as WCAG 2.2 defines it, from 1 to
// 21; 0 when one of them is none.
func Contrast(a, b string) float64 {
	x, err := parse(a)
	y, err2 := parse(b)
	if err != nil || err2 != nil {
		return 0
	}
	l, d := luminance(x), luminance(y)
	return (max(l, d) + 0.05) / (min(l, d) + 0.05)
}

func parse(s string) (rgb [3]float64, err error) {
	if len(s) != 7 || s[0] != '#' {
		return rgb, fault.New(fault.Invalid, "%q is no colour", s)
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	for i := range rgb {
		rgb[i] = float64(n>>(8*(2-i))&255) / 255
	}
	return rgb, err
}

func luminance(c [3]float64) float64 {
	for i, v := range c {
		if v <= 0.04045 {
			c[i] = v / 12.92
			continue
		}
		c[i] = math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

// IsColour reports whether s is a colour #rrggbb.
func IsColour(s string) bool {
	_, err := parse(s)
	return err == nil
}
