package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// INV-T5. Pure code and SQL take the time as a parameter. Tests of the engine may
// measure; storetest waits for a real server.
func TestNoClockInDomainAndStore(t *testing.T) {
	for _, f := range files(t) {
		if f.Test || !under(f.Path, "internal/domain/", "internal/store/") || under(f.Path, "internal/store/storetest/") {
			continue
		}
		f.Calls("time", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s: take `now time.Time` as a parameter", f.Pos(sel), sel.Sel.Name)
			}
		})
	}
}

func TestEnvironmentHasOneReader(t *testing.T) {
	for _, f := range files(t) {
		if f.Test || under(f.Path, "internal/app/", "test/", "internal/archtest/", "internal/store/storetest/") {
			continue
		}
		f.Calls("os", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, sel.Sel.Name) {
				t.Errorf("%s: os.%s: the environment is read in internal/app", f.Pos(sel), sel.Sel.Name)
			}
		})
	}
}

func TestDomainStartsNothing(t *testing.T) {
	for _, f := range files(t) {
		if f.Test || !under(f.Path, "internal/domain/") {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a goroutine in the domain", f.Pos(g))
			}
			return true
		})
	}
}

// statement matches a string that begins like SQL; prose does not begin so.
var statement = regexp.MustCompile(`(?is)^\s*(select\s+\S.*\sfrom\s+\w|insert\s+into\s+\w|delete\s+from\s+\w+(\s+where\s|\s*$)|update\s+\w+\s+set\s|with\s+\w+\s+as\s*\(|create\s+(table|index|unique)\s)`)

func TestSQLLivesInStore(t *testing.T) {
	for _, f := range files(t) {
		if under(f.Path, "internal/store/", "internal/archtest/", "test/") {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && statement.MatchString(text) {
				t.Errorf("%s: SQL outside internal/store", f.Pos(lit))
			}
			return true
		})
	}
}

func TestStatementPattern(t *testing.T) {
	for text, want := range map[string]bool{
		"select id from alerts where id = $1":       true,
		"\n\t\tSELECT a,\n b FROM x":                true,
		"INSERT INTO pages (id) VALUES ($1)":        true,
		"update pages set state = $1":               true,
		"delete from leases":                        true,
		"with due as (select 1)":                    true,
		"select a severity from the list":           true, // reads like SQL: say it differently
		"update the incident":                       false,
		"Delete from the list what is not needed":   false,
		"choose a person and press n":               false,
		"The row was selected from an older review": false,
	} {
		if got := statement.MatchString(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// dialers are the places that open connections to the outside: the guarded
// client of internal/plug and, for the product's own API, its command line.
var dialers = []string{"internal/plug/guard.go", "internal/plug/http.go", "internal/app/", "internal/plug/plugtest/", "test/"}

// Outbound traffic leaves through internal/plug alone, where addresses are
// checked, responses capped and secrets redacted.
func TestOutboundHasOneDoor(t *testing.T) {
	httpNames := []string{"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Client", "Transport"}
	netNames := []string{"Dial", "DialTimeout", "Dialer", "DialTCP", "DialUDP", "LookupHost", "LookupIP"}
	for _, f := range files(t) {
		if f.Test || under(f.Path, dialers...) {
			continue
		}
		f.Calls("net/http", func(sel *ast.SelectorExpr) {
			if slices.Contains(httpNames, sel.Sel.Name) {
				t.Errorf("%s: http.%s: outbound HTTP goes through plug.HTTP", f.Pos(sel), sel.Sel.Name)
			}
		})
		f.Calls("net", func(sel *ast.SelectorExpr) {
			if slices.Contains(netNames, sel.Sel.Name) {
				t.Errorf("%s: net.%s: connections are made by plug.Guard", f.Pos(sel), sel.Sel.Name)
			}
		})
		f.Calls("crypto/tls", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Dial", "DialWithDialer", "Dialer"}, sel.Sel.Name) {
				t.Errorf("%s: tls.%s: connections are made by plug.Guard", f.Pos(sel), sel.Sel.Name)
			}
		})
	}
}

// routeFiles are the only files of the edge that register raw routes. Each one
// either demands a policy for every route or serves a public surface whose
// content is an allow-list.
var routeFiles = map[string]string{
	"internal/edge/api/route/route.go": "the helper that demands a policy for every operation",
	"internal/edge/page/serve.go":      "the public status page: allow-listed snapshot, no session",
}

// Operations of the API are registered through one helper that demands a
// policy; a second place would be a second, unguarded door. That every
// registered policy is enforced is proven in internal/edge itself, over the
// live route table.
func TestRoutesDeclareAPolicy(t *testing.T) {
	for _, f := range files(t) {
		if f.Test || !under(f.Path, "internal/edge/") || routeFiles[f.Path] != "" {
			continue
		}
		f.Calls("github.com/danielgtaylor/huma/v2", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Register", "Get", "Post", "Put", "Patch", "Delete", "AutoRegister"}, sel.Sel.Name) {
				t.Errorf("%s: huma.%s outside the route helper: a route needs a policy", f.Pos(sel), sel.Sel.Name)
			}
		})
	}
}

// A skipped test is a claim nobody checks, and a sleeping one is slow when it
// passes and wrong when it fails. In a synctest bubble sleeping is virtual.
func TestTestsNeitherSkipNorSleep(t *testing.T) {
	for _, f := range files(t) {
		if !f.Test {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
				if id, ok := sel.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "tb"}, id.Name) {
					t.Errorf("%s: a skipped test", f.Pos(call))
				}
			}
			return true
		})
		if slices.Contains(f.Imports, "testing/synctest") || under(f.Path, "test/e2e/", "test/load/") {
			continue
		}
		f.Calls("time", func(sel *ast.SelectorExpr) {
			if sel.Sel.Name == "Sleep" {
				t.Errorf("%s: a test that sleeps: use a synctest bubble or Tick", f.Pos(sel))
			}
		})
	}
}
