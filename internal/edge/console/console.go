// Package console owns how the browser console reaches a browser: the built
// bundle inside the binary, its caching, compression and security headers, and
// the fallback that lets a client route such as /incidents/INC-42 be opened
// directly. It must not know sessions, data or the API; the console asks
// /api/v1 like everybody else.
package console

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// `make web` copies the bundle here; a checkout has only .keep.
//
//go:embed all:dist
var bundle embed.FS

// Policy is the content security policy of every answer: nothing but our own
// files, no inline script, no inline style, never in a frame. web/e2e/serve.ts
// serves the pictures of the console under the same one.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const (
	assets = "assets/"    // names there carry a hash of their content
	index  = "index.html" // names the assets of this build
)

// Console serves the bundle. It is safe for concurrent use.
type Console struct {
	files map[string]*file
}

// New serves the bundle that was built into the binary. Mount it at "/", behind
// every other route.
func New() (*Console, error) {
	sub, err := fs.Sub(bundle, "dist")
	if err != nil {
		return nil, err
	}
	return open(sub)
}

func open(dist fs.FS) (*Console, error) {
	c := &Console{files: map[string]*file{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		c.files[name] = newFile(name, body)
		return nil
	})
	return c, err
}

// Built reports whether the binary carries a console.
func (c *Console) Built() bool { return c.files[index] != nil }

// ServeHTTP answers GET and HEAD. A path of another surface that nobody else
// took is 404, never the console: a client of the API must not be told 200.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if f := c.files[name]; f != nil {
		f.serve(w, r)
		return
	}
	if !route(name) {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	f := c.files[index]
	if f == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "This binary was built without the console. Run `make build`; API, paging and status page work without it.", http.StatusServiceUnavailable)
		return
	}
	f.serve(w, r)
}

// elsewhere are the first words of paths that belong to other surfaces of the
// same listener, or to files of the bundle that are gone.
var elsewhere = map[string]bool{
	"api": true, "v2": true, "hooks": true, "alertmanager": true, "assets": true,
	"healthz": true, "readyz": true, "metrics": true, ".well-known": true,
}

// route reports whether a path can be a screen of the console. Screens have no
// file ending, and nothing of theirs begins with a dot.
func route(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !elsewhere[first] && path.Ext(name) == "" && !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.")
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}
