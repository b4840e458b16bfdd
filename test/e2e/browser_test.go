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
	browse(t, "e2e/mainpath.e2e.ts")
}

// The catalogue is changed in the console, on the real binary.
func TestCatalogueInABrowser(t *testing.T) {
	browse(t, "e2e/catalogue.e2e.ts")
}

// The keyboard and a weak link, against the built bundle.
func TestKeyboardAndWeakLink(t *testing.T) {
	browse(t, "e2e/keyboard.e2e.ts")
	browse(t, "e2e/weaklink.e2e.ts")
}

// Every screen as a picture, 1440 and 375 px, light and dark, clean under axe.
func TestScreens(t *testing.T) {
	browse(t, "e2e/screens.e2e.ts")
}

// browse runs one file of web/e2e. The main path meets the real program.
func browse(t *testing.T, file string) {
	t.Helper()
	shots, err := filepath.Abs("artifacts")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node_modules/.bin/vitest", "run", "--config", "e2e/vitest.config.ts", file)
	cmd.Dir = "../../web"
	cmd.Env = append(os.Environ(), "ALLCLEAR_E2E_SHOTS="+shots)
	if file == "e2e/mainpath.e2e.ts" || file == "e2e/catalogue.e2e.ts" {
		p := serve(t, nil)
		cmd.Env = append(cmd.Env, "ALLCLEAR_E2E_DEMO="+filepath.Join(p.dir, "demo.json"))
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, out)
	}
	t.Logf("%s", out)
}
