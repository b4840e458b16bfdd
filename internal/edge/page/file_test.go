package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	s := sample()
	for range 2 { // the second replaces the first
		if err := Save(dir, s); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, s) {
		t.Error("what was loaded differs from what was saved")
	}
	info, err := os.Stat(filepath.Join(dir, "page", "snapshot.json"))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("file mode %v, %v; want 0644", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "page", ".snapshot-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		kind fault.Kind
	}{
		"none":     {"", fault.NotFound},
		"damaged":  {`{"version":1,"snapshot":{"page"`, fault.Invalid},
		"newer":    {`{"version":2,"snapshot":{}}`, fault.Invalid},
		"empty":    {`{"version":1}`, fault.Invalid},
		"unusable": {`{"version":1,"snapshot":{"page":{"name":""}}}`, fault.Invalid},
	} {
		dir := t.TempDir()
		if c.text != "" {
			write1(t, dir, c.text)
		}
		if _, err := Load(dir); fault.KindOf(err) != c.kind || err == nil {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
}

func write1(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "page"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "page", "snapshot.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestServeAndPublishFromTheFile is the page with neither application nor
// database: it serves the file, shows a post made straight to it, and keeps
// the last good page when the file is damaged or gone.
func TestServeAndPublishFromTheFile(t *testing.T) {
	dir := t.TempDir()
	h := New(Options{Dir: dir, Now: func() time.Time { return now }})
	if h.Tick(now) == nil || get(t, h, "/").Code != 503 {
		t.Fatal("a page without a file; want 503 and an error")
	}
	if err := Save(dir, sample()); err != nil {
		t.Fatal(err)
	}
	if err := h.Tick(now); err != nil || get(t, h, "/").Code != 200 {
		t.Fatalf("the file is not served: %v", err)
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err = s.Post(status.Post{
		IncidentID: NewID(), UpdateID: NewID(), Name: "Our data centre is unreachable", Status: status.Investigating,
		Impact: status.ImpactCritical, Body: "We will write again at 11:00 UTC.", ByHand: true,
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, s); err != nil {
		t.Fatal(err)
	}
	if err := h.Tick(now); err != nil || !strings.Contains(get(t, h, "/").Body.String(), "Our data centre is unreachable") {
		t.Fatalf("the post is not on the page: %v", err)
	}
	good := get(t, h, "/").Body.String()
	write1(t, dir, "{")
	if h.Tick(now) == nil || get(t, h, "/").Body.String() != good {
		t.Error("a damaged file was not refused")
	}
	if err := os.RemoveAll(filepath.Join(dir, "page")); err != nil {
		t.Fatal(err)
	}
	if h.Tick(now) == nil || get(t, h, "/").Body.String() != good {
		t.Error("the page went away with its file")
	}
}

// TestCanaries puts internal facts into the file, where an outdated or wrong
// writer could put them, and looks for them in every answer.
func TestCanaries(t *testing.T) {
	const canary = "CANARY-7f3a"
	b, err := json.Marshal(map[string]any{"version": 1, "snapshot": sample()})
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, key := range []string{`"id":`, `"name":`, `"status":`, `"page":`, `"body":`} {
		text = strings.ReplaceAll(text, key, `"internal_note":"`+canary+`","number":4711,"customers":["`+canary+`"],`+key)
	}
	dir := t.TempDir()
	write1(t, dir, text)
	h := New(Options{Dir: dir, Now: func() time.Time { return now.Add(time.Hour) }}) // stale, so that the banner is in, too
	site := h.site.Load()
	if len(site.assets) < 15 {
		t.Fatalf("only %d answers drawn", len(site.assets))
	}
	for path := range site.assets {
		w := get(t, h, path)
		all := w.Body.String()
		for k, v := range w.Header() {
			all += k + strings.Join(v, " ")
		}
		if strings.Contains(all, canary) || strings.Contains(all, "internal_note") || strings.Contains(all, "4711") {
			t.Errorf("%s tells an internal fact", path)
		}
	}
}

func TestExport(t *testing.T) {
	dir := t.TempDir()
	s := sample()
	if err := Export(dir, Options{}, s); err != nil {
		t.Fatal(err)
	}
	h := handler(s)
	for path, file := range map[string]string{
		"/": "index.html", "/history": "history.html", "/history.atom": "history.atom",
		"/incidents/q7xk2m9vd4ra": "incidents/q7xk2m9vd4ra.html", "/api/v2/incidents/unresolved.json": "api/v2/incidents/unresolved.json",
	} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || string(b) != get(t, h, path).Body.String() {
			t.Errorf("%s is not what %s answers: %v", file, path, err)
		}
	}
}

// An update that is posted by hand while the application writes its own snapshot is
// written again, and reaches the page once.
func TestPostByHandStays(t *testing.T) {
	dir := t.TempDir()
	post := status.Post{IncidentID: NewID(), UpdateID: NewID(), Name: "Our data centre is unreachable", Status: status.Investigating, Body: "We are on it."}
	if _, err := PostByHand(dir, post, now, func() {}); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a snapshot: %v", err)
	}
	if err := Save(dir, sample()); err != nil {
		t.Fatal(err)
	}
	overwritten := 0
	s, err := PostByHand(dir, post, now, func() {
		if overwritten++; overwritten == 1 {
			if err := Save(dir, sample()); err != nil { // the application lives after all
				t.Fatal(err)
			}
		}
	})
	if err != nil || overwritten != 2 {
		t.Fatalf("%d turns: %v", overwritten, err)
	}
	n := 0
	for _, i := range s.Incidents {
		if i.ID == post.IncidentID {
			n += len(i.Updates)
			if !i.Updates[0].ByHand {
				t.Error("nobody can tell that it was posted by hand")
			}
		}
	}
	if n != 1 {
		t.Errorf("the update is there %d times", n)
	}
	if _, err := PostByHand(dir, status.Post{IncidentID: NewID(), UpdateID: NewID(), Name: "X", Status: status.Investigating, Body: "x"}, now, func() {
		if err := Save(dir, sample()); err != nil {
			t.Fatal(err)
		}
	}); !fault.Is(err, fault.Conflict) {
		t.Errorf("an update that is always written over: %v", err)
	}
}
