package leak

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/page"
	"allclear/internal/flow/comms"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

// secrets are what each customer is told alone, in title and text; the third
// is told nothing.
var secrets = map[string]string{"alder": "quokka", "birch": "numbat", "cedar": ""}

var boss = authz.Actor{ID: "boss", Role: authz.Admin, Via: "session"}

// What one customer is told is on that customer's page and nowhere else,
// neither served by the application nor from its files: INV-S4, INV-S5. Bug
// class B46.
func TestNothingOfOneTenantReachesAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus()}
		var shelf procedures.Shelf
		cat := marked()
		for id := range secrets {
			cat = cat.With(catalog.Customer{ID: id, Name: mark("name of " + id), Tier: catalog.Standard, Products: []string{mark("product")}})
		}
		w.c = comms.New(db, w.bus, &shelf, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil },
			comms.Page{Name: "Acme", URL: "https://status.example", Key: []byte("a key for tests")})
		w.c.Wire()
		w.do(func(tx *store.Tx) (err error) {
			w.hash, err = shelf.Put(tx, []byte("schema: 1\nname: "+mark("procedure")+"\n"), now)
			return err
		})
		tokens, old := w.tellTenants()
		dir, static := t.TempDir(), t.TempDir()
		board := &comms.Board{Comms: w.c, Log: slog.New(slog.DiscardHandler), SaveTenants: page.NewTenantFiles(dir).Save}
		if err := board.Tick(t.Context(), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := page.Save(dir, board.Source()); err != nil {
			t.Fatal(err)
		}
		if err := page.Export(static, page.Options{}, board.Source()); err != nil {
			t.Fatal(err)
		}
		clock := func() time.Time { return now.Add(time.Minute) }
		for name, h := range map[string]http.Handler{
			"the listener": page.New(page.Options{Source: board.Source, Tenant: board.Tenant, Now: clock}),
			"page serve":   page.New(page.Options{Dir: dir, Now: clock}),
		} {
			apart(t, name+": public page", read(t, h, ""), "", tokens)
			for id, token := range tokens {
				text := read(t, h, "/t/"+token)
				apart(t, name+": page of "+id, text, secrets[id], map[string]string{})
				for other, foreign := range tokens {
					if other != id && strings.Contains(text, foreign) {
						t.Errorf("%s: the page of %s has the address of %s", name, id, other)
					}
				}
			}
			r := httptest.NewRecorder()
			h.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/t/"+old, nil))
			if r.Code != http.StatusNotFound {
				t.Errorf("%s: an address that was renewed answers %d", name, r.Code)
			}
		}
		apart(t, "published files", files(t, static), "", tokens)
		apart(t, "files of the public page", files(t, filepath.Join(dir, "page", "snapshot.json")), "", tokens)
		each, err := filepath.Glob(filepath.Join(dir, "page", "tenants", "*.json"))
		if err != nil || len(each) != len(tokens) {
			t.Fatalf("%d private files, %v", len(each), err)
		}
		has := map[string]int{}
		for _, path := range each {
			text, found := files(t, path), ""
			for _, word := range secrets {
				if word != "" && strings.Contains(text, word) {
					found += word
				}
			}
			has[found]++
			apart(t, path, path+text, found, tokens)
		}
		if has["quokka"] != 1 || has["numbat"] != 1 || has[""] != 1 {
			t.Errorf("private files by what they tell: %v", has)
		}
		if dump := storetest.Dump(t, db); strings.Contains(dump, tokens["alder"]) {
			t.Error("the database holds an address")
		}
	})
}

// tellTenants tells each customer its word and everybody something, hands out
// addresses, and renews the first one.
func (w *world) tellTenants() (tokens map[string]string, old string) {
	w.t.Helper()
	w.wants(w.open(markedIncident(w.hash, "a")), "rule", "Problems with signing in", "We look into it.", false)
	tokens = map[string]string{}
	services := []string{"b", "c"}
	for _, id := range []string{"alder", "birch", "cedar"} {
		if word := secrets[id]; word != "" {
			i := markedIncident(w.hash, services[0])
			services = services[1:]
			i.Tenant, i.Severity = id, procedure.P2
			w.wants(w.open(i), "rule-"+id, "A "+word+" in the wires", "The "+word+" is being removed.", false)
		}
		tokens[id] = w.handOut(id)
	}
	old, tokens["alder"] = tokens["alder"], w.handOut("alder")
	return tokens, old
}

func (w *world) handOut(id string) string {
	w.t.Helper()
	p, err := w.c.NewTenantPage(w.t.Context(), boss, id, now)
	if err != nil {
		w.t.Fatal(err)
	}
	token, ok := strings.CutPrefix(p.URL, "https://status.example/t/")
	if !ok || len(token) < 26 { // 128 bits
		w.t.Fatalf("the address is %s", p.URL)
	}
	return token
}

// read fetches everything below a root, headers too, and whatever it links to.
func read(t *testing.T, h http.Handler, root string) string {
	t.Helper()
	todo := []string{"/history", "/history.atom", "/history.rss", "/favicon.svg", "/nothing/here"}
	for _, doc := range []string{
		"summary", "status", "components", "incidents", "incidents/unresolved",
		"scheduled-maintenances", "scheduled-maintenances/upcoming", "scheduled-maintenances/active", "nothing",
	} {
		todo = append(todo, "/api/v2/"+doc+".json")
	}
	for n := range todo {
		todo[n] = root + todo[n]
	}
	todo = append(todo, root+"/")
	var all strings.Builder
	for seen := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
		path := todo[0]
		if seen[path] {
			continue
		}
		seen[path] = true
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		fmt.Fprintln(&all, path, got.Header(), got.Body)
		for _, m := range link.FindAllStringSubmatch(got.Body.String(), -1) {
			if to := m[1] + m[2]; !strings.HasPrefix(to, root+"/") {
				t.Errorf("%s leads to %s", path, to)
			} else {
				todo = append(todo, to)
			}
		}
	}
	return all.String()
}

// apart asserts that a text has the word and no other customer's, none of the
// tokens, and nothing internal.
func apart(t *testing.T, where, text, word string, tokens map[string]string) {
	t.Helper()
	look(t, where, text)
	for id, w := range secrets {
		if w != "" && strings.Contains(text, w) != (w == word) {
			t.Errorf("%s: what %s is told alone is there: %t", where, id, w != word)
		}
		if strings.Contains(text, id) {
			t.Errorf("%s names the customer %s", where, id)
		}
	}
	for id, token := range tokens {
		if strings.Contains(text, token) {
			t.Errorf("%s has the address of %s", where, id)
		}
	}
	if word == "" && strings.Contains(text, "/t/") && !strings.Contains(where, "page of") {
		t.Errorf("%s leads to a private page", where)
	}
}

// files reads a file, or everything below a folder with its names.
func files(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.WriteString(strings.TrimPrefix(path, root) + "\n" + string(b) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
