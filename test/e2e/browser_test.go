package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A real browser walks the main path on the real binary: sign in, an alert
// raises a P1, acknowledge, engage, publish the status post, resolve with a
// reason. Pictures go to test/e2e/artifacts.
//
// Clauses: RSP-S1-RECV, RSP-S1-ACK, COM-CUST-STATUS
func TestMainPathInABrowser(t *testing.T) {
	t.Parallel()
	browse(t, "e2e/mainpath.e2e.ts", nil)
}

// Two browsers in one incident: a card that is added, taken and done, a role that
// is handed over and a decision in one are on the other's screen within 500 ms. It
// measures time, so nothing runs beside it.
//
// Clauses: WAR-PHY-BOARD
func TestTwoBrowsers(t *testing.T) {
	browse(t, "e2e/live.e2e.ts", nil)
}

// The search for the cause by keys alone: hypotheses with what speaks for and
// against them, an option that is not approved without its risk, its test and a
// plan with a way back, and a log kept under its SHA-256.
//
// Clauses: INV-RCA-HYP, INV-SOL-RISK, INV-SOL-PLAN
func TestInvestigationInABrowser(t *testing.T) {
	t.Parallel()
	browse(t, "e2e/inquiry.e2e.ts", nil)
}

// The catalogue is changed in the console, on the real binary.
func TestCatalogueInABrowser(t *testing.T) {
	t.Parallel()
	browse(t, "e2e/catalogue.e2e.ts", nil)
}

// What is kept and told about customers, on the real binary.
//
// Clauses: COM-CUST-INAPP, DRB-BCP-ALT
func TestCustomersInABrowser(t *testing.T) {
	t.Parallel()
	browse(t, "e2e/customers.e2e.ts", nil)
}

// The keyboard, being on call and a weak link, against the built bundle.
func TestKeyboardOnCallAndWeakLink(t *testing.T) {
	for _, file := range []string{"keyboard", "oncall", "weaklink"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			look(t, "e2e/"+file+".e2e.ts")
		})
	}
}

// A page reaches a phone by Web Push and is answered from the notification, with
// a network and without; and a contact is proven by the code that went there.
//
// Clauses: INT-PUSH, PLT-CFG-MOBILE, PLT-RT-MSG
func TestPushInABrowser(t *testing.T) {
	t.Parallel()
	browse(t, "e2e/push.e2e.ts", []string{"ALLCLEAR_WEBHOOK_SECRETS=whsec_" + hookSecret}, "--allow-outbound", "127.0.0.0/8")
}

// Every screen as a picture, 1440 and 375 px, light and dark, clean under axe.
// A browser for each size, since one browser keeps one processor busy; the tests
// above wait more than they work and share the processors too.
func TestScreens(t *testing.T) {
	for _, width := range []string{"1440", "375"} {
		t.Run(width, func(t *testing.T) {
			t.Parallel()
			look(t, "e2e/screens.e2e.ts", "ALLCLEAR_E2E_WIDTH="+width)
		})
	}
}

// browse runs one file of web/e2e with the demonstration of the real program.
func browse(t *testing.T, file string, env []string, args ...string) {
	t.Helper()
	p := serve(t, env, args...)
	look(t, file, "ALLCLEAR_E2E_DEMO="+filepath.Join(p.dir, "demo.json"))
}

// look runs one file of web/e2e.
func look(t *testing.T, file string, env ...string) {
	t.Helper()
	shots, err := filepath.Abs("artifacts")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node_modules/.bin/vitest", "run", "--config", "e2e/vitest.config.ts", file)
	cmd.Dir = "../../web"
	cmd.Env = append(append(os.Environ(), "ALLCLEAR_E2E_SHOTS="+shots), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, out)
	}
	t.Logf("%s", out)
}

// A product's own page under a strict Content-Security-Policy shows the notice to
// users of an affected customer and to no others, turns it on resolution, and pages
// of other origins read nothing.
//
// Clauses: COM-CUST-INAPP, FUP-IMM-INAPP, PLT-CN-INAPP, INT-INAPP
func TestNoticesInAProductsPage(t *testing.T) {
	t.Parallel()
	origin := "http://" + freeAddress(t)
	p := serve(t, nil, "--in-app-origin", origin)
	look(t, "e2e/inapp.e2e.ts", "ALLCLEAR_E2E_DEMO="+filepath.Join(p.dir, "demo.json"), "ALLCLEAR_E2E_HOST="+origin)
}
