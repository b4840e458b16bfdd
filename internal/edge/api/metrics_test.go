package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
)

// A query at a vendor without credentials is 404 with a sentence that says so, and
// one over our own values goes on as before.
func TestAQueryAtAVendorThatIsNotSetUp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := route.Prefix + "/metrics/query?query=" + url.QueryEscape("avg:cpu{*}")
		g := w.do(http.MethodGet, at+"&source=datadog", "", cookie(w.sessions[authz.Responder])).status(http.StatusNotFound, "a source that is not set up")
		if !strings.Contains(g.Body.String(), "no source can be asked for values") {
			t.Errorf("says %s", g.Body)
		}
		w.do(http.MethodGet, at+"&source=No/Such", "", cookie(w.sessions[authz.Responder])).status(http.StatusUnprocessableEntity, "no name of a source")
		w.do(http.MethodGet, route.Prefix+"/metrics/query?query=up", "", cookie(w.sessions[authz.Responder])).status(http.StatusOK, "our own values")
	})
}
