package mailin

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the character sets that mail is written in

	"allclear/internal/domain/letter"
	"allclear/internal/plug"
)

// What bounds the reading of one mail.
const (
	maxHeader   = 64 << 10 // bytes of a header
	maxDepth    = 8        // of parts in parts
	maxParts    = 100
	maxPart     = 256 << 10 // bytes read of a part's text
	maxHeaderOf = 4 << 10   // bytes of one value
)

// Read turns the bytes of a mail into a letter. It never refuses: whatever
// somebody sent to an emergency address in need is read as well as it can be.
func Read(raw []byte) *letter.Letter {
	head, body := split(raw)
	r := &reader{l: &letter.Letter{}}
	e, err := message.ReadWithOptions(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n"), bytes.NewReader(body)), &message.ReadOptions{MaxHeaderBytes: maxHeader + int64(len(body)) + 2})
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		r.plain, r.hasPlain = words(body), true
	} else {
		r.header(&e.Header)
		r.part(e, 0)
	}
	l := r.l
	switch {
	case r.hasPlain && (!r.hasHTML || strings.TrimSpace(r.plain) != ""):
		l.Text = tidy(r.plain)
	case r.hasHTML:
		l.Text = tidy(plainOf(r.html))
	}
	if l.Text == "" && len(l.Attachments) == 0 {
		l.Text = tidy(words(body)) // it could not be decoded, or its parts not be told apart
	}
	l.Text, l.Shortened = shorten(l.Text, r.partial)
	l.Raw = kept(raw, head, l)
	return l
}

// split cuts a mail into header and body. Lines that no header has are left out
// of the header; without any line that one has, all of it is body.
func split(raw []byte) (head, body []byte) {
	rest, good := raw, false
	for len(rest) > 0 && len(raw)-len(rest) < maxHeader {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		bare := bytes.TrimRight(line, "\r\n")
		if len(bare) == 0 {
			if len(head) == 0 {
				break
			}
			return head, rest[len(line):]
		}
		switch {
		case bare[0] == ' ' || bare[0] == '\t':
			good = good && len(bytes.TrimSpace(bare)) > 0
		default:
			good = field.Match(bare)
		}
		if good {
			head = append(append(head, bare...), '\r', '\n')
		}
		rest = rest[len(line):]
	}
	if len(head) == 0 {
		return nil, raw
	}
	return head, rest
}

// field is how a header line begins.
var field = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,76}:`)

// reader collects what one mail says.
type reader struct {
	l                 *letter.Letter
	plain, html       string
	hasPlain, hasHTML bool
	parts             int
	partial           bool // not all was read
}

var (
	messageID = regexp.MustCompile(`<([^<>\s]{1,250})>`)
	anAddress = regexp.MustCompile(`[^\s<>"(),;:]+@[^\s<>"(),;:]+`)
)

func (r *reader) header(h *message.Header) {
	l := r.l
	l.Subject = plug.Line(calm(text(h, "Subject")), letter.MaxSubject)
	l.From, l.FromName = writer(h)
	l.Marks = letter.Marks{AutoSubmitted: value(h, "Auto-Submitted"), Precedence: value(h, "Precedence"), ListID: value(h, "List-Id")}
	if kind, _, err := mime.ParseMediaType(value(h, "Content-Type")); err == nil && kind == "multipart/report" && l.Marks.AutoSubmitted == "" {
		l.Marks.AutoSubmitted = "auto-generated" // a delivery report, whoever sent it
	}
	if m := messageID.FindStringSubmatch(value(h, "Message-Id")); m != nil {
		l.MessageID = plug.Line(calm(m[1]), 250)
	} else {
		l.MessageID = plug.Line(calm(value(h, "Message-Id")), 250)
	}
	for _, m := range messageID.FindAllStringSubmatch(value(h, "In-Reply-To")+" "+value(h, "References"), -1) {
		if id := plug.Line(calm(m[1]), 250); !slices.Contains(l.References, id) {
			l.References = append(l.References, id)
		}
	}
	// The last ones are the nearest.
	l.References = l.References[max(0, len(l.References)-letter.MaxReferences):]
}

func writer(h *message.Header) (address, name string) {
	decoded := text(h, "From")
	if list, err := (&mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: message.CharsetReader}}).ParseList(value(h, "From")); err == nil && len(list) > 0 {
		address, name = list[0].Address, list[0].Name
	} else {
		address = anAddress.FindString(decoded)
	}
	return strings.ToLower(plug.Line(calm(address), letter.MaxName)), plug.Line(calm(name), letter.MaxName)
}

// value is a header as it was sent, bounded.
func value(h *message.Header, name string) string {
	v := h.Get(name)
	return v[:min(len(v), maxHeaderOf)]
}

// text is a header with its encoded words decoded, if they can be.
func text(h *message.Header, name string) string {
	v := value(h, name)
	d := mime.WordDecoder{CharsetReader: message.CharsetReader}
	if t, err := d.DecodeHeader(v); err == nil {
		v = t
	}
	return words([]byte(v))
}

// part reads a part and those inside it.
func (r *reader) part(e *message.Entity, depth int) {
	if r.parts++; r.parts > maxParts || depth > maxDepth {
		r.partial = true
		return
	}
	if parts := e.MultipartReader(); parts != nil {
		for r.parts <= maxParts {
			p, err := parts.NextPart()
			if p == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			r.part(p, depth+1)
		}
		r.partial = true
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil && kind == "" || kind == "" {
		kind = "text/plain"
	}
	how, more, _ := e.Header.ContentDisposition()
	name := more["filename"]
	if name == "" {
		name = params["name"]
	}
	switch {
	case how != "attachment" && name == "" && kind == "text/plain":
		if !r.hasPlain {
			r.plain, r.hasPlain = r.text(e.Body), true
		}
	case how != "attachment" && name == "" && kind == "text/html":
		if !r.hasHTML {
			r.html, r.hasHTML = r.text(e.Body), true
		}
	default:
		r.attached(name, kind)
	}
}

func (r *reader) text(body io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(body, maxPart))
	r.partial = r.partial || err != nil || len(b) == maxPart // what came until then counts
	return words(b)
}

func (r *reader) attached(name, kind string) {
	if len(r.l.Attachments) >= letter.MaxAttachments {
		return
	}
	if name = plug.Line(calm(name), letter.MaxName); name == "" {
		name = plug.Line(calm(kind), letter.MaxName)
	}
	r.l.Attachments = append(r.l.Attachments, name)
}

// kept is what is stored of the bytes: all of them, but for attachments and what
// is beyond the limit.
func kept(raw, head []byte, l *letter.Letter) []byte {
	if len(l.Attachments) == 0 && len(raw) <= letter.MaxRaw {
		return raw
	}
	out := slices.Concat(head[:min(len(head), letter.MaxRaw/2)], []byte("\r\n"), []byte(l.Text))
	if len(l.Attachments) > 0 {
		out = append(out, "\r\n\r\n[not kept: "+strings.Join(l.Attachments, ", ")+"]"...)
	}
	return out[:min(len(out), letter.MaxRaw)]
}
