package wire

import (
	"net/http"
	"strings"
)

// Listed reports whether a header such as If-Match names the tag (RFC 9110,
// 13.1): by itself, in a list, or as "*".
func Listed(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == tag || t == "*" || t == "W/"+tag {
			return true
		}
	}
	return false
}

// Unchanged answers 304 in place of a document whose ETag the caller has.
func Unchanged(w http.ResponseWriter, known string) http.ResponseWriter {
	return &unchanged{ResponseWriter: w, known: known}
}

type unchanged struct {
	http.ResponseWriter
	known string
	drop  bool
}

func (u *unchanged) WriteHeader(status int) {
	if tag := u.Header().Get("ETag"); status == http.StatusOK && tag != "" && Listed(u.known, tag) {
		u.drop = true
		u.Header().Del("Content-Type")
		status = http.StatusNotModified
	}
	u.ResponseWriter.WriteHeader(status)
}

func (u *unchanged) Write(b []byte) (int, error) {
	if u.drop {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

// Probe takes an answer for its status and headers alone.
type Probe struct {
	header http.Header
	Status int
}

// NewProbe returns an empty one.
func NewProbe() *Probe { return &Probe{header: http.Header{}, Status: http.StatusOK} }

// Header implements http.ResponseWriter.
func (p *Probe) Header() http.Header { return p.header }

// Write implements http.ResponseWriter.
func (p *Probe) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (p *Probe) WriteHeader(status int) { p.Status = status }
