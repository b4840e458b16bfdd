package rapid7

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"allclear/internal/plug"
)

// Results is the deed that reads the last scan of a site.
const Results = "read_last_scan"

// Deeds implements plug.Doer.
func (d desk) Deeds() []plug.Deed {
	if d.http == nil {
		return nil
	}
	return []plug.Deed{{
		Name: Results, Title: "Read the last scan of InsightVM", Assures: true, Effect: "Says what the last finished scan of a site has found. Vulnerabilities are not held against the end of the incident.",
		Params: []plug.Field{
			{Key: "site", Title: "Site", Default: d.site, Required: d.site == "", Help: "Its number."},
			{Key: plug.Since, Title: "From", Help: "The scan should have ended after this instant."},
		},
	}}
}

// Do implements plug.Doer.
func (d desk) Do(ctx context.Context, deed, _ string, params map[string]string) (plug.Done, error) {
	site := plug.First(params["site"], d.site)
	from, err := time.Parse(time.RFC3339, params[plug.Since])
	switch {
	case deed != Results || d.http == nil:
		return plug.Done{}, plug.Fail(plug.Permanent, "InsightVM: there is no deed %q", deed)
	case !number(site):
		return plug.Done{}, plug.Fail(plug.Permanent, "InsightVM: the site must be a number")
	case err != nil:
		return plug.Done{}, plug.Fail(plug.Permanent, "InsightVM: say from when on, such as 2026-03-02T03:00:00Z")
	}
	doc, err := d.call(ctx, http.MethodGet, "/api/3/sites/"+site+"/scans?active=false&size=20&sort=endTime,DESC", nil)
	if err != nil {
		return plug.Done{}, err
	}
	for _, s := range doc.List("resources") {
		if s.Text("status") != "finished" {
			continue
		}
		end := s.Time("endTime")
		text := fmt.Sprintf("Scan %s of site %s ended at %s: %s", s.Text("id"), site, end.UTC().Format(time.RFC3339), found(s))
		if end.Before(from) {
			text += ". That was before " + from.UTC().Format(time.RFC3339) + ": start a scan to know more"
		}
		return plug.Done{Ref: s.Text("id"), Detail: text}, nil
	}
	return plug.Done{Detail: "No scan of site " + site + " has finished yet"}, nil
}

// found is what a scan came to.
func found(s plug.Doc) string {
	v := s.At("vulnerabilities")
	return fmt.Sprintf("%s assets, %.0f vulnerabilities: %.0f critical, %.0f severe, %.0f moderate", plug.First(s.Text("assets"), "no"), v.Number("total"), v.Number("critical"), v.Number("severe"), v.Number("moderate"))
}
