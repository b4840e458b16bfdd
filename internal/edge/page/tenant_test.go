package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
)

// Tokens of three customers: one that was told something alone, one that was
// not, and one whose address has ended.
var (
	told   = strings.Repeat("told", 8)
	untold = strings.Repeat("plai", 8)
	ended  = strings.Repeat("gone", 8)
)

const ownWords = "Only your exports are late."

// ownSample is the sample with something that one customer alone is told.
func ownSample() *status.Snapshot {
	s := sample()
	from := now.Add(-30 * time.Minute)
	s.Incidents = append(s.Incidents, status.Incident{
		ID: "own00000001a", Name: "Your exports are late", Status: status.Identified, Impact: status.ImpactMinor, CreatedAt: from, UpdatedAt: from, StartedAt: from,
		ComponentIDs: []string{"exp"}, Updates: []status.Update{update("own1", status.Identified, ownWords, from)},
	})
	return s
}

func tenantPages() map[string]*status.Snapshot {
	return map[string]*status.Snapshot{secret.Hash(told): ownSample(), secret.Hash(untold): nil}
}

func withTenants(s *status.Snapshot) *Handler {
	pages := tenantPages()
	return New(Options{
		Source: func() *status.Snapshot { return s }, Now: func() time.Time { return now }, SubscribeURL: "https://mail.example/subscribe",
		Tenant: func(hash string) (*status.Snapshot, bool) { own, ok := pages[hash]; return own, ok },
	})
}

// below lists what a private page has below its address.
func below() []string {
	return append(pages(), "", "/history.atom", "/history.rss", "/favicon.svg", "/api/v2/summary.json", "/api/v2/status.json", "/api/v2/components.json",
		"/api/v2/incidents.json", "/api/v2/incidents/unresolved.json", "/api/v2/scheduled-maintenances.json", "/api/v2/nothing.json")
}

// INV-S5
func TestPrivatePageIsTheSiteBelowItsToken(t *testing.T) {
	h := withTenants(sample())
	for _, token := range []string{told, untold} {
		for _, path := range below() {
			w, public := get(t, h, "/t/"+token+path), get(t, h, cmp.Or(path, "/"))
			if w.Code != public.Code || w.Header().Get("Content-Type") != public.Header().Get("Content-Type") {
				t.Errorf("%s: %d %s, the public page has %d %s", path, w.Code, w.Header().Get("Content-Type"), public.Code, public.Header().Get("Content-Type"))
			}
			if got, want := w.Header().Get("Content-Security-Policy"), public.Header().Get("Content-Security-Policy"); got != want {
				t.Errorf("%s: policy %q, the public page has %q", path, got, want)
			}
			for name, want := range map[string]string{
				"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
				"Access-Control-Allow-Origin": "", "Etag": "", "Set-Cookie": "",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
			if strings.Contains(w.Body.String(), standIn) || strings.Contains(w.Body.String(), "mail.example") {
				t.Errorf("%s: the stand-in of the token, or the way to the public page's mails, is in the answer", path)
			}
		}
	}
	if w := get(t, h, "/t/"+told+"/incidents/own00000001a"); w.Code != 200 || !strings.Contains(w.Body.String(), ownWords) {
		t.Errorf("what was told: %d", w.Code)
	}
	var doc struct {
		Page      struct{ URL string }
		Incidents []struct{ ID, Shortlink string }
	}
	if err := json.Unmarshal(get(t, h, "/t/"+told+"/api/v2/summary.json").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	base := "https://status.example.test/t/" + told
	if doc.Page.URL != base || len(doc.Incidents) != 2 || doc.Incidents[0].Shortlink != base+"/incidents/"+doc.Incidents[0].ID {
		t.Errorf("summary: %+v", doc)
	}
}

// Every link of a private page stays below its address, and every one works.
func TestPrivatePageLinksToItself(t *testing.T) {
	h := withTenants(sample())
	links := 0
	for _, path := range pages() {
		body := get(t, h, "/t/"+told+path).Body.String()
		robots := 0
		walk(parse(t, body), func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			attr := map[string]string{}
			for _, a := range n.Attr {
				attr[a.Key] = a.Val
			}
			if n.Data == "meta" && attr["name"] == "robots" && attr["content"] == "noindex, nofollow" {
				robots++
			}
			to, ok := attr["href"]
			if !ok || strings.HasPrefix(to, "#") || strings.HasPrefix(to, "https://status.example.test/notes") {
				return
			}
			links++
			to, _, _ = strings.Cut(to, "#")
			if !strings.HasPrefix(to, "/t/"+told+"/") || get(t, h, to).Code != 200 {
				t.Errorf("%s: <%s> leads to %s", path, n.Data, to)
			}
		})
		if robots != 1 || !strings.Contains(body, "This page is yours alone") || !strings.Contains(body, `content="width=device-width, initial-scale=1"`) {
			t.Errorf("%s: it does not say that it is private, or has no width of the device", path)
		}
		if public := get(t, h, path).Body.String(); strings.Contains(public, "yours alone") || strings.Contains(public, `name="robots"`) || strings.Contains(public, "/t/") {
			t.Errorf("%s: the public page speaks of private ones", path)
		}
	}
	if links < 60 {
		t.Errorf("only %d links", links)
	}
}

// INV-S4, INV-S5: an address that is not known answers like any other path.
func TestUnknownTokensAnswerLikeAnyUnknownPath(t *testing.T) {
	h := withTenants(sample())
	want := get(t, h, "/nothing/here")
	for _, path := range []string{
		"/t/" + ended, "/t/" + ended + "/", "/t/" + ended + "/history", "/t/" + ended + "/api/v2/summary.json", "/t/", "/t", "/t/short",
		"/t/" + told[1:], "/t/" + told + "x", "/t/" + strings.ToUpper(told), "/t/" + secret.Hash(told), "/t/" + standIn, "/t//" + told, "/T/" + told,
		"/t/" + strings.Repeat("/", 32), "/t/" + strings.Repeat("../", 11),
	} {
		w := get(t, h, path)
		if w.Code != 404 || !bytes.Equal(w.Body.Bytes(), want.Body.Bytes()) || !reflect.DeepEqual(w.Header(), want.Header()) {
			t.Errorf("%s: %d %v, not the 404 of the page", path, w.Code, w.Header())
		}
	}
	public := handler(sample())
	if w := get(t, public, "/t/"+told); w.Code != 404 || get(t, public, "/nothing/here").Body.String() != w.Body.String() {
		t.Errorf("without private pages: %d", w.Code)
	}
}

func TestPrivatePageCanOnlyBeRead(t *testing.T) {
	h := withTenants(sample())
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		for _, token := range []string{told, ended} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(m, "/t/"+token, nil))
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s: %d", m, w.Code)
			}
		}
	}
	head := httptest.NewRecorder()
	h.ServeHTTP(head, httptest.NewRequest(http.MethodHead, "/t/"+told, nil))
	full := get(t, h, "/t/"+told)
	if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != fmt.Sprint(full.Body.Len()) {
		t.Errorf("HEAD: %d, %d bytes, %v", head.Code, head.Body.Len(), head.Header())
	}
	packed := get(t, h, "/t/"+told, "Accept-Encoding", "gzip")
	zr, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("gzip: %v, %v", packed.Header(), err)
	}
	if b, _ := io.ReadAll(zr); string(b) != full.Body.String() {
		t.Error("gzip holds something else than the plain body")
	}
	if w := get(t, h, "/t/"+told, "If-None-Match", "*"); w.Code != 200 {
		t.Errorf("an answer that nobody may keep is answered with %d", w.Code)
	}
}

func TestPrivatePagesShareADrawingAndAreForgotten(t *testing.T) {
	s := sample()
	own := map[string]*status.Snapshot{}
	h := New(Options{
		Source: func() *status.Snapshot { return s }, Now: func() time.Time { return now },
		Tenant: func(hash string) (*status.Snapshot, bool) { return own[hash], true },
	})
	for n := range mostDrawn + 10 {
		token := fmt.Sprintf("%032d", n)
		own[secret.Hash(token)] = ownSample()
		get(t, h, "/t/"+token)
		get(t, h, "/t/"+fmt.Sprintf("b%031d", n)) // shown the public page
	}
	if n := len(h.own.drawn); n != mostDrawn || h.own.drawn[""] == nil {
		t.Errorf("%d pages are kept drawn, want %d with the shared one", n, mostDrawn)
	}
	next, err := s.Post(status.Post{IncidentID: "q7xk2m9vd4ra", UpdateID: "u9", Status: status.Resolved, Body: "Everyone can sign in again."}, now)
	if err != nil {
		t.Fatal(err)
	}
	s = next
	if !strings.Contains(get(t, h, "/t/"+untold).Body.String(), "Everyone can sign in again.") {
		t.Error("a public update is not on a private page")
	}
	bad := ownSample()
	bad.Incidents[0].Impact = "terrible"
	token := fmt.Sprintf("%032d", mostDrawn+9)
	own[secret.Hash(token)] = bad
	if w := get(t, h, "/t/"+token); w.Code != 200 || !strings.Contains(w.Body.String(), ownWords) {
		t.Errorf("a snapshot that cannot be drawn took the page down: %d", w.Code)
	}
	empty := New(Options{Source: func() *status.Snapshot { return nil }, Tenant: func(string) (*status.Snapshot, bool) { return nil, true }})
	if w := get(t, empty, "/t/"+untold); w.Code != http.StatusServiceUnavailable || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("before the first snapshot: %d %v", w.Code, w.Header())
	}
}

// INV-S2, INV-S5: private pages are served from files too, each under the hash
// of its token, and an ended one is gone.
func TestPrivatePagesFromFiles(t *testing.T) {
	dir := t.TempDir()
	files := NewTenantFiles(dir)
	save := func(public *status.Snapshot, own map[string]*status.Snapshot) {
		t.Helper()
		if err := Save(dir, public); err != nil {
			t.Fatal(err)
		}
		if err := files.Save(own); err != nil {
			t.Fatal(err)
		}
	}
	save(sample(), tenantPages())
	clock := now
	h := New(Options{Dir: dir, Now: func() time.Time { return clock }})
	words := func(token string) (code int, own, stale bool) {
		t.Helper()
		if err := h.Tick(clock); err != nil {
			t.Fatal(err)
		}
		w := get(t, h, "/t/"+token+"/")
		return w.Code, strings.Contains(w.Body.String(), ownWords), strings.Contains(w.Body.String(), "may be out of date")
	}
	for token, want := range map[string]bool{told: true, untold: false} {
		if code, own, stale := words(token); code != 200 || own != want || stale {
			t.Errorf("%s: %d, own words %t, stale %t", token, code, own, stale)
		}
	}
	if code, _, _ := words(ended); code != 404 {
		t.Errorf("an unknown address: %d", code)
	}
	checkFiles(t, dir)

	// A heartbeat of the public page is one of the private pages, whose files
	// are not written for it.
	before := stat(t, tenantFile(dir, secret.Hash(told)))
	beat, own := sample(), ownSample()
	clock = clock.Add(20 * time.Second)
	beat.GeneratedAt, own.GeneratedAt = clock, clock
	save(beat, map[string]*status.Snapshot{secret.Hash(told): own, secret.Hash(untold): nil})
	if !same(before, stat(t, tenantFile(dir, secret.Hash(told)))) {
		t.Error("a heartbeat writes every private page")
	}
	clock = clock.Add(50 * time.Second)
	if code, has, stale := words(told); code != 200 || !has || stale {
		t.Errorf("after a heartbeat: %d, own words %t, stale %t", code, has, stale)
	}
	clock = clock.Add(time.Minute)
	if _, _, stale := words(untold); !stale {
		t.Error("an old page does not say so")
	}
	// Posted by hand while the application is away.
	hand, err := beat.Post(status.Post{IncidentID: "byhand000001", UpdateID: "h1", Name: "A fire", Status: status.Identified, Body: "By hand, to everybody.", ByHand: true}, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, hand); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{told, untold} {
		words(token)
		if !strings.Contains(get(t, h, "/t/"+token).Body.String(), "By hand, to everybody.") {
			t.Errorf("%s: what was posted by hand is not there", token)
		}
	}
	// The application is back, and one address has ended.
	files = NewTenantFiles(dir)
	save(beat, map[string]*status.Snapshot{secret.Hash(untold): ownSample()})
	if code, _, _ := words(told); code != 404 {
		t.Errorf("an ended address: %d", code)
	}
	if code, own, _ := words(untold); code != 200 || !own {
		t.Errorf("told something since: %d, own words %t", code, own)
	}
	// A damaged file leaves up what was read before.
	if err := os.WriteFile(tenantFile(dir, secret.Hash(untold)), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, own, _ := words(untold); code != 200 || !own {
		t.Errorf("a damaged file: %d, own words %t", code, own)
	}
	if h = New(Options{Dir: dir, Now: func() time.Time { return clock }}); get(t, h, "/t/"+untold).Code != 404 {
		t.Error("a file that never could be read is served")
	}
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// checkFiles looks at names, content and rights.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	if m := stat(t, tenantDir(dir)).Mode().Perm(); m&0o007 != 0 {
		t.Errorf("others may read the folder: %v", m)
	}
	found := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, token := range []string{told, untold} {
			if strings.Contains(path+string(b), token) {
				t.Errorf("%s has an address", path)
			}
		}
		if own := strings.Contains(string(b), ownWords); own != (path == tenantFile(dir, secret.Hash(told))) {
			t.Errorf("%s: own words %t", path, own)
		}
		if filepath.Dir(path) == tenantDir(dir) {
			found++
			if m := stat(t, path).Mode().Perm(); m&0o007 != 0 {
				t.Errorf("others may read %s: %v", path, m)
			}
		}
		return nil
	})
	if err != nil || found != 2 {
		t.Errorf("%d private files, %v", found, err)
	}
}
