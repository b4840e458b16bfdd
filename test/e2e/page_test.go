package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// The public page of the real program, with components, a maintenance, looks and an
// incident that were made through the API: in every language, scheme and size under
// axe, without JavaScript, under Lighthouse, and read by clients that others wrote. A
// reader subscribes by mail, chooses, and leaves.
//
// Clauses: PLT-SP-MOBILE, PLT-SP-RT
func TestPublicPageInABrowser(t *testing.T) {
	mail, host, port := smtpSink(t)
	p := serve(t, []string{"ALLCLEAR_EMAIL_HOST=" + host, "ALLCLEAR_EMAIL_PORT=" + port, "ALLCLEAR_EMAIL_TLS=none", "ALLCLEAR_EMAIL_FROM=Allclear <allclear@sender.example>"},
		"--allow-outbound", "127.0.0.0/8")
	look(t, "e2e/page.e2e.ts", "ALLCLEAR_E2E_DEMO="+filepath.Join(p.dir, "demo.json"), "ALLCLEAR_E2E_LETTERS="+mailbox(t, mail))
}

// mailbox serves what came for an address (?to=), oldest first, to a test that runs in
// another process.
func mailbox(t *testing.T, l *ledger) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := []string{}
		l.mu.Lock()
		for _, got := range l.got {
			if got.to == r.URL.Query().Get("to") {
				out = append(out, unquoted(got.text))
			}
		}
		l.mu.Unlock()
		_ = json.NewEncoder(w).Encode(out) // the reader has gone: nothing to do
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// unquoted is a quoted-printable text with its long lines and its links whole.
func unquoted(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "=\r\n", ""), "=3D", "=")
}
