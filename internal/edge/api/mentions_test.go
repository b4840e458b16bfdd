package api

import (
	"net/http"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/outside"
	"allclear/internal/edge/api/route"
)

// What somebody wrote is written down, listed and settled; feeds are kept like the
// rest of the catalogue.
//
// Clauses: CRI-SOC-SP, INT-REVIEWS.
func TestMentionsAndFeeds(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, text := range []string{"It is down", "Nice page"} {
			w.as(authz.Responder, "POST", "/mentions", `{"source":"status_page","text":"`+text+`"}`).status(http.StatusOK, text)
		}
		w.as(authz.Stakeholder, "POST", "/mentions", `{"source":"status_page","text":"x"}`).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/mentions", `{"source":"fax","text":"x"}`).status(http.StatusUnprocessableEntity, "a source")
		page := decode[route.List[outside.Mention]](w.as(authz.Stakeholder, "GET", "/mentions?limit=1", "").status(http.StatusOK, "list"))
		if len(page.Items) != 1 || page.Items[0].Text != "Nice page" || page.Items[0].State != "new" {
			t.Fatalf("%+v", page)
		}
		next := decode[route.List[outside.Mention]](w.as(authz.Stakeholder, "GET", "/mentions?limit=1&cursor="+page.NextCursor, "").status(http.StatusOK, "next"))
		if len(next.Items) != 1 || !next.Items[0].Complaint || next.NextCursor != "" {
			t.Errorf("%+v", next)
		}
		id := next.Items[0].ID
		got := decode[outside.Mention](w.as(authz.Responder, "POST", "/mentions/"+id+"/dismiss", `{"reason":"answered"}`).status(http.StatusOK, "dismissed"))
		if got.State != "dismissed" || got.Reason != "answered" {
			t.Errorf("%+v", got)
		}
		w.as(authz.Responder, "POST", "/mentions/"+id+"/link", `{"incident":99}`).status(http.StatusNotFound, "no incident")

		doc := `{"name":"Forum","form":"discourse","url":"https://forum.example/latest.json","keywords":["techflow"],"spike_within":"10m"}`
		made := decode[outside.Feed](w.as(authz.Admin, "PUT", "/feeds/forum", doc).status(http.StatusOK, "made"))
		if made.Within.String() != "10m" || made.Version == 0 {
			t.Errorf("%+v", made)
		}
		for _, bad := range []string{
			`{"name":"F","form":"x","url":"https://api.x.com/2/tweets/search/recent"}`, `{"name":"F","form":"rss","url":"https://u:p@r.example"}`,
			`{"name":"F","form":"rss","url":"https://r.example","every":"5s"}`, `{"name":"F","form":"rss","url":"https://r.example","service":"nobody"}`,
		} {
			w.as(authz.Admin, "PUT", "/feeds/bad", bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Admin, "DELETE", "/feeds/forum", "").status(http.StatusNoContent, "gone")
	})
}
