package plug

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

// What the plug-ins of chat platforms share: the buttons of a page, text that
// fits, one way to post JSON, and words for whoever pressed a button.

// Default as the address of a contact means the URL in the plug-in's settings,
// so that no secret URL has to stand in the catalogue.
const Default = "default"

// Teller is a Callback whose provider shows what became of an answer only when
// it is told with a call of its own. Tell is called after Respond's reply went
// out, outside any transaction; the answer counts whether it works or not.
type Teller interface {
	Tell(ctx context.Context, h Heard, results []Result) error
}

// Choice is one button of a page.
type Choice struct {
	Name  string // of a PageAnswer
	Label string
}

// Choices are the buttons m can be answered with; none when it is no page or
// has no token.
func (m Message) Choices() []Choice {
	switch {
	case m.Kind != Page || m.Token == "":
		return nil
	case m.Join:
		return []Choice{{Acknowledge, "Joining"}, {Unavailable, "Unavailable"}}
	}
	return []Choice{{Acknowledge, "Acknowledge"}}
}

// Link is the acknowledging link with its label; the link is empty when there is
// none that can be followed.
func (m Message) Link() (href, label string) {
	switch href = WebURL(m.AckURL); {
	case href == "":
		return "", ""
	case m.Join:
		return href, "Answer"
	}
	return href, "Acknowledge"
}

// Secrets is what no receipt and no error may show of m.
func (m Message) Secrets(more ...secret.String) []secret.String {
	return append(more, secret.String(m.AckURL), secret.String(m.Token))
}

// Shortened ends a text that was cut off.
const Shortened = "\n… shortened. The whole text is in Allclear."

// Limit is what a platform lets a text be.
type Limit struct {
	Size    int
	Measure func(string) int // how the platform counts; bytes when nil
	Escape  *strings.Replacer
}

// Fit escapes text, character by character, and keeps as much of its beginning
// as fits; a text that was cut says so. Control characters become spaces.
func (l Limit) Fit(text string) string {
	measure := l.Measure
	if measure == nil {
		measure = func(s string) int { return len(s) }
	}
	var b strings.Builder
	size, room, keep := 0, l.Size-measure(Shortened), 0
	for _, r := range strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD") {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			r = ' '
		}
		piece := string(r)
		if l.Escape != nil {
			piece = l.Escape.Replace(piece)
		}
		if size += measure(piece); size > l.Size {
			return strings.TrimRight(b.String()[:keep], " \n\t") + Shortened
		}
		b.WriteString(piece)
		if size <= room {
			keep = b.Len()
		}
	}
	return b.String()
}

// UTF16 counts as JavaScript, Java and C# do.
func UTF16(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Client is the HTTP client a plug-in was given, or a new one over the guard.
func (c Config) Client() *HTTP {
	if c.HTTP != nil {
		return c.HTTP
	}
	return NewHTTP(HTTPOptions{Guard: c.Guard})
}

// Base is the URL in the setting key, without a slash at its end; empty when the
// setting is.
func (c Config) Base(key string) (string, error) {
	text := strings.TrimRight(c.Text(key), "/")
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || checkParsed(u) != nil {
		return "", fault.New(fault.Invalid, "settings are wrong").With(key, "must be an http or https URL of a host, without user and password")
	}
	return text, nil
}

// PostJSON posts v. The key of the message goes along as Idempotency-Key, which
// most platforms ignore and gateways may use.
func (h *HTTP) PostJSON(ctx context.Context, to, key, auth string, v any, secrets ...secret.String) (Answer, error) {
	body, err := EncodeJSON(v)
	if err != nil {
		return Answer{}, Fail(Permanent, "write the message as JSON: %w", err)
	}
	head := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Accept": {"application/json, */*;q=0.1"}}
	if key = printable(key); key != "" {
		head.Set("Idempotency-Key", key)
	}
	if auth != "" {
		head.Set("Authorization", auth)
	}
	return h.Do(ctx, Request{URL: to, Header: head, Body: body, Secrets: secrets})
}

// EncodeJSON writes v without turning & < > into escapes, so that a link that
// comes back in an answer is found and hidden.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s)
}

// Sole is the header's value when it came exactly once: a proof that came twice
// is none.
func (in Inbound) Sole(name string) string {
	if vs := in.Header.Values(name); len(vs) == 1 {
		return vs[0]
	}
	return ""
}

// JSONReply is a Reply of v with status 200.
func JSONReply(v any) Reply {
	body, err := EncodeJSON(v)
	if err != nil {
		return Reply{Status: http.StatusInternalServerError}
	}
	return Reply{Status: http.StatusOK, Body: body}
}

// Says tells whoever answered what became of it. The title in it is text of
// users: the caller escapes it.
func (r Result) Says(choice string) string {
	about := strings.Trim(r.Incident+", "+Line(r.Title, 200), ", ")
	switch {
	case r.Err == nil && choice == Unavailable:
		return "Noted, you are not available: " + about
	case r.Err == nil:
		return "Acknowledged: " + about
	}
	switch fault.KindOf(r.Err) {
	case fault.NotFound:
		return "Not taken: this page is not known."
	case fault.Conflict, fault.Refused, fault.Invalid:
		return "Not taken: " + Clean(r.Err.Error())
	case fault.Internal, fault.Unauthenticated, fault.TooLarge, fault.Busy, fault.Unavailable:
	}
	return "Not taken: something went wrong. Follow the link of the page, or try again."
}
