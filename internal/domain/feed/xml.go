package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"allclear/internal/base/fault"
)

// Limits on XML. A document type could define entities that grow without end, so
// none is read that has any inside.
const (
	maxDepth  = 64
	maxTokens = 400_000
)

// readXML reads RSS and Atom by what elements are called, whatever their
// namespace: senders mix them.
func readXML(body []byte) ([]Entry, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity, d.AutoClose = false, xml.HTMLEntity, nil
	d.CharsetReader = charset
	var r reader
	for n := 0; ; n++ {
		tok, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return r.end()
		case err != nil:
			return nil, fault.New(fault.Invalid, "the document is no XML: %s", Plain(err.Error(), maxTitle))
		case n > maxTokens || len(r.path) > maxDepth || len(r.out) > MaxEntries*2:
			return nil, fault.New(fault.Invalid, "the document is too large or nested too deeply")
		}
		switch t := tok.(type) {
		case xml.Directive:
			if bytes.Contains(t, []byte("ENTITY")) {
				return nil, fault.New(fault.Invalid, "the document defines entities of its own")
			}
		case xml.StartElement:
			r.open(t)
		case xml.EndElement:
			r.close()
		case xml.CharData:
			r.text(t)
		}
	}
}

// reader follows the elements of a feed.
type reader struct {
	path []string
	feed bool // an element that feeds begin with was seen
	in   int  // depth of the entry being read; 0: none
	now  entry
	out  []Entry
	buf  strings.Builder
}

// entry keeps what was said twice, so that the better one counts.
type entry struct {
	Entry
	guid, updated, published, summary, content string
}

func (r *reader) open(t xml.StartElement) {
	name := t.Name.Local
	r.path = append(r.path, name)
	switch {
	case name == "rss" || name == "feed" || name == "RDF" || name == "channel":
		r.feed = true
	case r.in == 0 && r.feed && (name == "item" || name == "entry"):
		r.in, r.now = len(r.path), entry{}
	case r.in == len(r.path)-1 && r.in > 0:
		r.buf.Reset()
		if name == "link" {
			r.linked(t.Attr)
		}
	case r.in > 0:
		r.buf.WriteByte(' ') // markup inside the text of an entry
	}
}

// linked takes the link of Atom, whose address is an attribute.
func (r *reader) linked(attrs []xml.Attr) {
	href, rel := "", ""
	for _, a := range attrs {
		switch a.Name.Local {
		case "href":
			href = a.Value
		case "rel":
			rel = a.Value
		}
	}
	if href != "" && (rel == "" || rel == "alternate") {
		r.now.Link = href
	}
}

func (r *reader) text(t []byte) {
	if r.in > 0 && len(r.path) > r.in && r.buf.Len() < maxText*8 {
		r.buf.Write(t)
	}
}

func (r *reader) close() {
	if len(r.path) == 0 {
		return
	}
	name := r.path[len(r.path)-1]
	switch depth := len(r.path); {
	case r.in == 0:
	case depth == r.in:
		r.in = 0
		r.take()
	case depth == r.in+1:
		r.field(name, strings.TrimSpace(r.buf.String()))
		r.buf.Reset()
	case depth == r.in+2 && r.path[depth-2] == "author" && name == "name":
		r.now.Author = strings.TrimSpace(r.buf.String())
		r.buf.Reset()
	}
	r.path = r.path[:len(r.path)-1]
}

func (r *reader) field(name, v string) {
	n := &r.now
	switch name {
	case "title":
		n.Title = v
	case "link":
		if v != "" {
			n.Link = v
		}
	case "guid", "id":
		n.guid = v
	case "description", "summary":
		n.summary = v
	case "encoded", "content":
		n.content = v
	case "pubDate", "published", "date", "issued":
		n.published = v
	case "updated", "modified":
		n.updated = v
	case "author", "creator":
		if v != "" {
			n.Author = v
		}
	}
}

func (r *reader) take() {
	e := r.now.Entry
	e.ID, e.Text, e.At = r.now.guid, cmp.Or(r.now.summary, r.now.content), instant(cmp.Or(r.now.published, r.now.updated))
	r.out = append(r.out, e)
}

func (r *reader) end() ([]Entry, error) {
	if !r.feed {
		return nil, fault.New(fault.Invalid, "the document is neither RSS nor Atom")
	}
	return r.out, nil
}

// charset reads what is not UTF-8. Feeds of the other sorts that are still met
// are Latin, whose letters are code points of their own.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii", "utf8":
		return in, nil
	case "iso-8859-1", "iso-8859-15", "latin1", "windows-1252":
		raw, err := io.ReadAll(io.LimitReader(in, MaxBytes))
		if err != nil {
			return nil, err
		}
		out := make([]rune, len(raw))
		for i, b := range raw {
			out[i] = rune(b)
		}
		return strings.NewReader(string(out)), nil
	}
	return nil, fault.New(fault.Invalid, "characters %q are not read; ask for UTF-8", Plain(label, maxAuthor))
}
