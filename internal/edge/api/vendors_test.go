package api

import (
	"net/http"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/outside"
)

// Vendors are kept like everything in the catalogue, and the map shows them.
//
// Clauses: PLT-CFG-DEPS.
func TestVendorsAreKeptAndOnTheMap(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "PUT", "/services/low", `{"name":"Low","restoration_rank":1}`).status(http.StatusOK, "a service")
		w.as(authz.Admin, "PUT", "/services/high", `{"name":"High","restoration_rank":1,"depends_on":["low"]}`).status(http.StatusOK, "another")
		doc := `{"name":"CDN","feed":"statuspage","url":"https://status.example.net/api/v2/summary.json","services":["low"]}`
		w.as(authz.Responder, "PUT", "/vendors/cdn", doc).status(http.StatusForbidden, "a responder")
		made := decode[outside.Vendor](w.as(authz.Admin, "PUT", "/vendors/cdn", doc).status(http.StatusOK, "made"))
		if made.Status.State != "unknown" || made.Status.Red || made.Version == 0 {
			t.Errorf("%+v", made)
		}
		for _, bad := range []string{
			`{"name":"CDN","feed":"statuspage","url":"https://a:b@status.example.net/"}`, `{"name":"CDN","feed":"statuspage","url":"ftp://x"}`,
			`{"name":"CDN","feed":"fax","url":"https://x.example"}`, `{"name":"CDN","feed":"rss","url":"https://x.example","services":["nobody"]}`,
		} {
			w.as(authz.Admin, "PUT", "/vendors/bad", bad).status(http.StatusUnprocessableEntity, bad)
		}
		m := decode[outside.ServiceMap](w.as(authz.Stakeholder, "GET", "/services/map", "").status(http.StatusOK, "map"))
		affects := map[string][]string{}
		for _, n := range m.Nodes {
			affects[n.Kind+"/"+n.ID] = n.Affects
		}
		if got := affects["vendor/cdn"]; len(got) != 2 || got[0] != "high" || got[1] != "low" {
			t.Errorf("%+v", m)
		}
		var edge bool
		for _, e := range m.Edges {
			edge = edge || e == outside.MapEdge{From: "low", To: "cdn", ToKind: "vendor"}
		}
		if !edge {
			t.Errorf("edges %+v", m.Edges)
		}
		w.as(authz.Admin, "DELETE", "/services/low", "").status(http.StatusConflict, "something depends on it")
		w.as(authz.Admin, "DELETE", "/vendors/cdn", "").status(http.StatusNoContent, "gone")
	})
}
