package plug

import (
	"bytes"
	"encoding/binary"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON starts to read the body, in whatever character set it came.
func (in Inbound) JSON() *JSON { return ReadJSON(in.text()) }

// text is the body as UTF-8: one with a byte order mark of UTF-16, as scripts of
// Windows write it, or with Latin characters that its content type declares. A
// signature is over the bytes that came.
func (in Inbound) text() []byte {
	switch charset := in.charset(); {
	case bytes.HasPrefix(in.Body, []byte("\xff\xfe")), charset == "utf-16le":
		return wide(in.Body, binary.LittleEndian)
	case bytes.HasPrefix(in.Body, []byte("\xfe\xff")), strings.HasPrefix(charset, "utf-16"):
		return wide(in.Body, binary.BigEndian)
	case charset != "" && charset != "utf-8" && !utf8.Valid(in.Body):
		return []byte(latin(string(in.Body)))
	}
	return in.Body
}

func (in Inbound) charset() string {
	_, params, _ := mime.ParseMediaType(in.ContentType) // one that cannot be read declares nothing
	return strings.ToLower(params["charset"])
}

func wide(body []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff"))
}

// latin reads Windows-1252, which ISO 8859-1 mostly is as well.
func latin(s string) string {
	from80 := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	out := make([]rune, len(s))
	for i := range len(s) {
		if out[i] = rune(s[i]); s[i] >= 0x80 && s[i] < 0xa0 {
			out[i] = from80[s[i]-0x80]
		}
	}
	return string(out)
}

// IsForm reports whether the sender says that the body is a form.
func (in Inbound) IsForm() bool {
	kind, _, _ := strings.Cut(in.ContentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "application/x-www-form-urlencoded" || kind == "multipart/form-data"
}

// formLike is how a form begins and JSON never does: what shell scripts post often
// has no content type, or a wrong one.
var formLike = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.%\[\]-]*=`)

// Form are the fields of a body that is a form, by its content type or its looks;
// ok is false for JSON and anything else.
func (in Inbound) Form() (fields url.Values, ok bool) {
	body := bytes.TrimLeft(in.text(), " \t\r\n\xef\xbb\xbf")
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') { // curl -d calls all a form
		return nil, false
	}
	if _, params, _ := mime.ParseMediaType(in.ContentType); params["boundary"] != "" && in.IsForm() {
		return parts(body, params["boundary"]), true
	}
	if !in.IsForm() && !formLike.Match(body) {
		return nil, false
	}
	fields = url.Values{}
	for pair := range strings.SplitSeq(strings.TrimRight(string(body), "\r\n"), "&") {
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			name = in.unescape(name)
			fields[name] = append(fields[name], in.unescape(value))
		}
	}
	return fields, true
}

var bare = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f]([^0-9A-Fa-f]|$)|$)`)

// unescape reads a part of a form. A script that puts the output of a check into a
// form as it is, "100 % full", still has something to say.
func (in Inbound) unescape(s string) string {
	for bare.MatchString(s) { // one match may hide the next
		s = bare.ReplaceAllString(s, "%25$1")
	}
	if plain, err := url.QueryUnescape(s); err == nil {
		s = plain
	}
	if in.charset() != "utf-8" && !utf8.ValidString(s) {
		s = latin(s)
	}
	return s
}

func parts(body []byte, boundary string) url.Values {
	fields := url.Values{}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for p, err := r.NextPart(); err == nil; p, err = r.NextPart() { // what could be read counts
		value, _ := io.ReadAll(p)
		fields[p.FormName()] = append(fields[p.FormName()], string(value))
	}
	return fields
}
