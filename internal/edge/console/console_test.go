package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

var script = strings.Repeat("console.log('all clear');\n", 200)

func sample(t *testing.T) *Console {
	t.Helper()
	c, err := open(fstest.MapFS{
		".keep":             {},
		"index.html":        {Data: []byte("<!doctype html><title>Allclear</title>")},
		"icon.svg":          {Data: []byte("<svg/>")},
		"assets/app-1a2.js": {Data: []byte(script)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(c *Console, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestScreensAreTheIndexAndNothingElseIs(t *testing.T) {
	c := sample(t)
	for path, want := range map[string]int{
		"/": 200, "/incidents": 200, "/incidents/INC-42": 200, "/sign-in": 200, "/index.html": 200, "/icon.svg": 200,
		"/on-call?days=7":  200,
		"/assets/gone.js":  404, // a page of an older build must fail loudly, not parse HTML as a script
		"/assets/":         404,
		"/favicon.ico":     404,
		"/.keep":           404,
		"/.git/config":     404,
		"/api":             404,
		"/api/v1/incident": 404,
		"/v2/enqueue":      404,
		"/hooks/x/y":       404,
		"/alertmanager/k":  404,
		"/metrics":         404,
		"/x/../api/v1":     404,
		"/..%2f..%2fetc":   200, // cleaned: a route that the console itself will not know
	} {
		if got := ask(c, http.MethodGet, path).StatusCode; got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
	if body := text(t, ask(c, http.MethodGet, "/incidents/INC-42")); !strings.Contains(body, "<title>Allclear") {
		t.Errorf("a screen answers %q", body)
	}
}

func TestCaching(t *testing.T) {
	c := sample(t)
	for path, want := range map[string]string{
		"/": "no-store", "/incidents": "no-store", "/icon.svg": "no-cache", "/assets/app-1a2.js": "public, max-age=31536000, immutable", "/assets/gone.js": "no-store",
	} {
		if got := ask(c, http.MethodGet, path).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
	tag := ask(c, http.MethodGet, "/icon.svg").Header.Get("ETag")
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		r := ask(c, http.MethodGet, "/icon.svg", "If-None-Match", known)
		if r.StatusCode != http.StatusNotModified || text(t, r) != "" || r.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %d", known, r.StatusCode)
		}
	}
	if r := ask(c, http.MethodGet, "/icon.svg", "If-None-Match", `"other"`); r.StatusCode != http.StatusOK {
		t.Errorf("another tag: %d", r.StatusCode)
	}
}

func TestCompression(t *testing.T) {
	c := sample(t)
	r := ask(c, http.MethodGet, "/assets/app-1a2.js", "Accept-Encoding", "br, gzip;q=0.8")
	if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", r.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(text(t, r))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != script {
		t.Errorf("%d bytes after decompression, %v", len(got), err)
	}
	plain := ask(c, http.MethodGet, "/assets/app-1a2.js", "Accept-Encoding", "gzip;q=0")
	if plain.Header.Get("Content-Encoding") != "" || text(t, plain) != script {
		t.Error("compressed for a client that refuses it")
	}
	if plain.Header.Get("ETag") == r.Header.Get("ETag") {
		t.Error("one tag for two representations")
	}
	if small := ask(c, http.MethodGet, "/icon.svg", "Accept-Encoding", "gzip"); small.Header.Get("Content-Encoding") != "" {
		t.Error("a tiny file was compressed")
	}
	head := ask(c, http.MethodHead, "/assets/app-1a2.js", "Accept-Encoding", "gzip")
	if head.Header.Get("Content-Length") != r.Header.Get("Content-Length") || text(t, head) != "" {
		t.Errorf("HEAD: %v", head.Header)
	}
}

func TestAcceptEncoding(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br": false, "*": true, "*;q=0": false, "gzip;q=0, *": false, "*;q=0, gzip": true, "gzip; q=0.1": true, "gzip;q=x": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	c := sample(t)
	for _, r := range []*http.Response{ask(c, http.MethodGet, "/"), ask(c, http.MethodGet, "/assets/gone.js"), ask(c, http.MethodPost, "/")} {
		for name, want := range map[string]string{"Content-Security-Policy": Policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%d: %s %q, want %q", r.StatusCode, name, got, want)
			}
		}
	}
	if strings.Contains(Policy, "unsafe") {
		t.Error("the policy has an unsafe source")
	}
	if r := ask(c, http.MethodPost, "/"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", r.StatusCode, r.Header)
	}
}

// The pictures of the console are taken under the policy that the binary sends.
func TestPicturesAreTakenUnderTheSamePolicy(t *testing.T) {
	b, err := os.ReadFile("../../../web/e2e/serve.ts")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(Policy)) {
		t.Error("web/e2e/serve.ts has another content security policy")
	}
}

func TestWithoutABundle(t *testing.T) {
	c, err := open(fstest.MapFS{".keep": {}})
	if err != nil || c.Built() {
		t.Fatalf("built %v, %v", c.Built(), err)
	}
	r := ask(c, http.MethodGet, "/")
	if body := text(t, r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make build") {
		t.Errorf("%d %q", r.StatusCode, body)
	}
}

func TestTheEmbeddedBundleOpens(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	want := http.StatusServiceUnavailable // a checkout before `make web`
	if c.Built() {
		want = http.StatusOK
	}
	if got := ask(c, http.MethodGet, "/").StatusCode; got != want {
		t.Errorf("%d, want %d", got, want)
	}
}
