package e2e

import "testing"

// The public page of the real program, with components, a maintenance, looks and an
// incident that were made through the API: in every language, scheme and size under
// axe, without JavaScript, under Lighthouse, and read by clients that others wrote.
//
// Clauses: PLT-SP-MOBILE, PLT-SP-RT
func TestPublicPageInABrowser(t *testing.T) {
	browse(t, "e2e/page.e2e.ts", nil)
}
