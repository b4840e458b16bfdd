package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// file is one file of the bundle with what its answers need.
type file struct {
	kind  string // Content-Type
	cache string // Cache-Control
	tag   string // quoted hash of the content
	plain []byte
	gz    func() []byte // nil result: not worth it
}

// worthwhile is the smallest body that is compressed, in bytes.
const worthwhile = 1024

func newFile(name string, body []byte) *file {
	sum := sha256.Sum256(body)
	f := &file{kind: kindOf(name), cache: cacheOf(name), tag: fmt.Sprintf("%x", sum[:12]), plain: body}
	// Compressed when first asked for, so that the binary starts at once.
	f.gz = sync.OnceValue(func() []byte { return compress(f.kind, body) })
	return f
}

// kinds are spelled out: the machine's own table may differ or be missing.
func kindOf(name string) string {
	kinds := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".webmanifest": "application/manifest+json", ".md": "text/plain; charset=utf-8",
		".json": "application/json", ".map": "application/json", ".woff2": "font/woff2", ".png": "image/png",
	}
	ext := path.Ext(name)
	if k, ok := kinds[ext]; ok {
		return k
	}
	if k := mime.TypeByExtension(ext); k != "" {
		return k
	}
	return "application/octet-stream"
}

// cacheOf keeps what a hash names for ever, and never the page that names it:
// after an upgrade an old page would ask for assets that are gone.
func cacheOf(name string) string {
	switch {
	case strings.HasPrefix(name, assets):
		return "public, max-age=31536000, immutable"
	case name == index:
		return "no-store"
	}
	return "no-cache"
}

func compress(kind string, body []byte) []byte {
	if len(body) < worthwhile || strings.HasPrefix(kind, "font/") || kind == "image/png" {
		return nil
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(body); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.cache)
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.plain, `"`+f.tag+`"`
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		if gz := f.gz(); gz != nil {
			body, tag = gz, `"`+f.tag+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	if f.cache != "no-store" && listed(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// A client that went away is no fault of ours.
	_, _ = w.Write(body)
}

// listed reports whether If-None-Match names the tag; comparison is weak
// (RFC 9110, 13.1.2).
func listed(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip by name, else by
// "*", unless its weight is zero.
func acceptsGzip(header string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "*" {
			continue
		}
		ok := true
		if q, found := strings.CutPrefix(strings.ReplaceAll(strings.TrimSpace(weight), " ", ""), "q="); found {
			v, err := strconv.ParseFloat(q, 64)
			ok = err == nil && v > 0
		}
		if name == "gzip" {
			return ok
		}
		star = ok
	}
	return star
}
