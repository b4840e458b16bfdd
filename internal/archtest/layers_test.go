package archtest

import (
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// load is shared by the tests of this package: parsing the tree once is enough.
var load = sync.OnceValues(func() ([]*File, error) { return Load(root) })

func files(t *testing.T) []*File {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found only %d Go files: the walk is broken", len(all))
	}
	return all
}

func TestImportsFollowTheLayers(t *testing.T) {
	for _, f := range files(t) {
		for _, imp := range f.Imports {
			to, ours := strings.CutPrefix(imp, Module+"/")
			if !ours {
				continue
			}
			if ok, why := mayImport(f.Dir, to, f.Test); !ok {
				t.Errorf("%s imports %s: %s", f.Path, imp, why)
			}
		}
	}
}

// The rule itself, so that a slip in the table does not open a wall unseen.
func TestLayerTable(t *testing.T) {
	tests := []struct {
		from, to string
		test     bool
		want     bool
	}{
		{"internal/domain/alert", "internal/base/fault", false, true},
		{"internal/domain/alert", "internal/store", false, false},
		{"internal/domain/deadline", "internal/domain/procedure", false, true},
		{"internal/base/recur", "internal/base/ident", false, false},
		{"internal/store/alerts", "internal/store", false, true},
		{"internal/store/alerts", "internal/store/pages", false, false},
		{"internal/store/alerts", "internal/store/pages", true, true},
		{"internal/store/alerts", "internal/store/storetest", true, true},
		{"internal/store/alerts", "internal/store/storetest", false, false},
		{"internal/store", "internal/plug", false, false},
		{"internal/flow/paging", "internal/flow/intake", false, false},
		{"internal/flow/paging", "internal/store/pages", false, true},
		{"internal/flow/paging", "internal/plug", false, true},
		{"internal/flow/paging", "internal/plug/email", false, false},
		{"internal/flow/paging", "internal/edge/api", false, false},
		{"internal/flow/paging", "internal/store/storetest", true, true},
		{"internal/flow/paging", "internal/store/storetest", false, false},
		{"internal/edge/api", "internal/flow/paging", false, true},
		{"internal/edge/api", "internal/edge/authn", false, true},
		{"internal/edge/api", "internal/edge/console", false, false},
		{"internal/edge/api", "internal/store/alerts", false, false},
		{"internal/edge/api", "internal/store/alerts", true, false},
		{"internal/edge/api", "internal/store", false, false},
		{"internal/edge/api", "internal/store", true, true},
		{"internal/edge/api", "internal/jobs", true, true},
		{"internal/plug/slack", "internal/plug", false, true},
		{"internal/plug/slack", "internal/plug/email", false, false},
		{"internal/plug/slack", "internal/plug/plugtest", true, true},
		{"internal/plug/slack", "internal/store", false, false},
		{"internal/app", "internal/plug/slack", false, true},
		{"internal/app", "internal/plug/plugtest", false, false},
		{"internal/jobs", "internal/plug", false, false},
		{"cmd/allclear", "internal/app", false, true},
		{"cmd/allclear", "internal/store", false, false},
		{"test/story", "internal/flow/paging", false, true},
		{"internal/helpers", "internal/base/fault", false, false},
	}
	for _, tt := range tests {
		if got, why := mayImport(tt.from, tt.to, tt.test); got != tt.want {
			t.Errorf("%s -> %s (test %v): got %v (%s), want %v", tt.from, tt.to, tt.test, got, why, tt.want)
		}
	}
}

// A layer imports a foreign package only for what it is there for.
func TestForbiddenStandardPackages(t *testing.T) {
	rules := []struct {
		under   string
		pkgs    []string
		because string
		except  []string
	}{
		{
			"internal/base/", []string{"net/http", "database/sql", "log"}, // log/slog: a secret says how it is logged
			"base holds leaves without I/O", nil,
		},
		{
			"internal/domain/",
			[]string{"net/http", "net", "database/sql", "database/sql/driver", "log", "log/slog", "os", "os/exec", "os/signal", "syscall"},
			"domain is pure", nil,
		},
		{
			"internal/store/",
			[]string{"net/http", "log", "log/slog"},
			"no network call inside a transaction",
			[]string{"internal/store/storetest/"},
		},
		{
			"internal/flow/",
			[]string{"net/http", "database/sql", "net/smtp"},
			"a flow neither sends nor speaks SQL", nil,
		},
		{
			"internal/edge/",
			[]string{"database/sql"},
			"an edge reads through a flow", nil,
		},
		{
			"internal/jobs/",
			[]string{"net/http"},
			"a job sends through a handler wired by app", nil,
		},
	}
	for _, f := range files(t) {
		for _, r := range rules {
			if f.Test || !strings.HasPrefix(f.Path, r.under) || under(f.Path, r.except...) {
				continue
			}
			for _, imp := range f.Imports {
				for _, bad := range r.pkgs {
					if imp == bad {
						t.Errorf("%s imports %s: %s", f.Path, imp, r.because)
					}
				}
			}
		}
	}
}

// under tells whether path lies below one of the prefixes.
func under(path string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
