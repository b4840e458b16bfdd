package vendor_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"allclear/internal/domain/vendor"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

const page = `{"page":{"id":"p","name":"Example"},
 "status":{"indicator":"INDICATOR","description":"Partial System Outage"},
 "components":[{"id":"c1","name":"DNS","status":"operational","group":false,"x":null},{"id":"c2","name":"CDN","status":"STATUS"},{"id":"g","name":"All","group":true,"status":"STATUS"}],
 "incidents":[INCIDENTS],"scheduled_maintenances":[MAINTENANCE]}`

func summary(indicator, status, incidents, maintenance string) string {
	return strings.NewReplacer("INDICATOR", indicator, "STATUS", status, "INCIDENTS", incidents, "MAINTENANCE", maintenance).Replace(page)
}

func wide(s string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\uFEFF" + s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func rss(items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>` + items + `</channel></rss>`
}

func item(title, text, at string) string {
	return "<item><title>" + title + "</title><description>" + text + "</description><pubDate>" + at + "</pubDate><guid>" + title + at + "</guid></item>"
}

// Each word of each form, and what it means for whoever stands on it.
//
// Clauses: INT-CHANGE-STATUS, INV-TRI-3P.
func TestWhatVendorsSay(t *testing.T) {
	outage := `{"name":"CDN is down","status":"identified","impact":"critical","shortlink":"https://stspg.io/x","components":[{"id":"c2","name":"CDN","status":"major_outage"}]}`
	works := `{"name":"Router work","status":"STATE","impact":"maintenance","components":[{"id":"c2","name":"CDN"}]}`
	gcp := `[{"id":"a","end":END,"external_desc":"Storage slow","status_impact":"IMPACT","uri":"incidents/a","service_name":"Google Cloud Storage","affected_products":[{"title":"Google Cloud Storage","id":"s1"}],"currently_affected_locations":[{"title":"Iowa (us-central1)","id":"us-central1"}]}]`
	cloud := func(end, impact string) string { return strings.NewReplacer("END", end, "IMPACT", impact).Replace(gcp) }
	aws := `[{"date":"1772420000","region_name":"N. Virginia","status":"2","service":"ec2-us-east-1","service_name":"Amazon EC2","summary":"Increased error rates","event_log":[],"impacted_services":{"s3-us-east-1":{"service_name":"Amazon S3","current":"3","max":"3"},"sns-us-east-1":{"service_name":"Amazon SNS","current":"0","max":"2"}}}]`
	for _, c := range []struct {
		name, form, body string
		of               []string
		want             vendor.State
		what             string
	}{
		{"all is well", "statuspage", summary("none", "operational", "", ""), nil, vendor.OK, ""},
		{"minor", "statuspage", summary("minor", "operational", "", ""), nil, vendor.Degraded, "Partial System Outage"},
		{"major", "statuspage", summary("major", "operational", "", ""), nil, vendor.Outage, "Partial System Outage"},
		{"critical", "statuspage", summary("critical", "major_outage", outage, ""), nil, vendor.Outage, "CDN is down (and 1 more)"},
		{"a component is slow", "statuspage", summary("minor", "degraded_performance", "", ""), []string{"cdn"}, vendor.Degraded, "CDN: degraded performance"},
		{"partly out", "statuspage", summary("minor", "partial_outage", "", ""), []string{"c2"}, vendor.Degraded, "CDN: partial outage"},
		{"out", "statuspage", summary("major", "major_outage", "", ""), []string{"CDN"}, vendor.Outage, "CDN: major outage"},
		{"under maintenance", "statuspage", summary("maintenance", "under_maintenance", "", strings.Replace(works, "STATE", "in_progress", 1)), []string{"CDN"}, vendor.Maintenance, "Router work (and 1 more)"},
		{"maintenance to come", "statuspage", summary("none", "operational", "", strings.Replace(works, "STATE", "scheduled", 1)), nil, vendor.OK, ""},
		{"a component we do not use", "statuspage", summary("critical", "major_outage", outage, ""), []string{"DNS"}, vendor.OK, ""},
		{"no word for it", "statuspage", summary("odd", "odd", "", ""), nil, vendor.Unknown, "Partial System Outage"},
		{"gcp: over", "gcp", cloud(`"2026-03-01T00:00:00+00:00"`, "SERVICE_OUTAGE"), nil, vendor.OK, ""},
		{"gcp: outage", "gcp", cloud("null", "SERVICE_OUTAGE"), nil, vendor.Outage, "Storage slow"},
		{"gcp: disruption here", "gcp", cloud(`""`, "SERVICE_DISRUPTION"), []string{"us-central1"}, vendor.Degraded, "Storage slow"},
		{"gcp: elsewhere", "gcp", cloud("null", "SERVICE_OUTAGE"), []string{"europe-west3"}, vendor.OK, ""},
		{"gcp: information", "gcp", cloud("null", "SERVICE_INFORMATION"), nil, vendor.OK, ""},
		{"gcp: nothing", "gcp", "[]", nil, vendor.OK, ""},
		{"aws: degraded", "aws", aws, nil, vendor.Degraded, "Increased error rates (N. Virginia)"},
		{"aws: in UTF-16", "aws", wide(aws, binary.BigEndian), []string{"ec2-us-east-1"}, vendor.Degraded, "Increased error rates (N. Virginia)"},
		{"aws: the other way round", "aws", wide("[]", binary.LittleEndian), nil, vendor.OK, ""},
		{"aws: an impacted service", "aws", aws, []string{"Amazon S3"}, vendor.Outage, "Increased error rates (N. Virginia)"},
		{"aws: one that is over", "aws", aws, []string{"sns-us-east-1"}, vendor.OK, ""},
		{"aws: information", "aws", strings.Replace(aws, `"status":"2"`, `"status":1`, 1), nil, vendor.OK, ""},
		{"aws: RSS", "aws", rss(item("Service disruption: Increased API Error Rates", "We are investigating.", "Sun, 01 Mar 2026 18:30:00 PST")), nil, vendor.Outage, "Service disruption: Increased API Error Rates"},
		{"aws: RSS, over", "aws", rss(item("Service is operating normally: [RESOLVED] Increased API Error Rates", "It has been resolved.", "Sun, 01 Mar 2026 18:50:00 PST") + item("Service degradation: Increased API Error Rates", "We are investigating.", "Sun, 01 Mar 2026 18:30:00 PST")), nil, vendor.OK, ""},
		{"rss: degraded", "rss", rss(item("Elevated latency in EU", "We are looking.", "Mon, 02 Mar 2026 02:30:00 GMT")), []string{"eu"}, vendor.Degraded, "Elevated latency in EU"},
		{"rss: elsewhere", "rss", rss(item("Elevated latency in EU", "We are looking.", "Mon, 02 Mar 2026 02:30:00 GMT")), []string{"asia"}, vendor.OK, ""},
		{"rss: long ago", "rss", rss(item("Outage", "", "Sat, 28 Feb 2026 02:30:00 GMT")), nil, vendor.OK, ""},
		{"rss: planned", "rss", rss(item("Scheduled maintenance", "", "Mon, 02 Mar 2026 02:30:00 GMT")), nil, vendor.Maintenance, "Scheduled maintenance"},
		{"rss: download page", "rss", rss(item("New downloads", "Come and get them", "Mon, 02 Mar 2026 02:30:00 GMT")), nil, vendor.OK, ""},
		{"atom", "rss", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>Major outage</title><updated>2026-03-02T02:00:00Z</updated><content type="html">&lt;p&gt;Investigating&lt;/p&gt;</content></entry></feed>`, nil, vendor.Outage, "Major outage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := vendor.Read(c.form, []byte(c.body), "https://status.example.net/x", c.of, now)
			if err != nil || got.State != c.want || got.What != c.what {
				t.Errorf("got %s %q (%v), want %s %q", got.State, got.What, err, c.want, c.what)
			}
		})
	}
}

func TestComponentsThatAreNotThere(t *testing.T) {
	got, err := vendor.Read("statuspage", []byte(summary("none", "operational", "", "")), "", []string{"DNS", "Mail"}, now)
	if err != nil || len(got.Missing) != 1 || got.Missing[0] != "Mail" {
		t.Errorf("missing %v, %v", got.Missing, err)
	}
}

// What is no such document is refused, so that a page of an error is not taken
// for good news.
func TestOtherDocumentsAreRefused(t *testing.T) {
	for form, bodies := range map[string][]string{
		"statuspage": {"", "{}", "[]", "null", "<html>", `{"status":"fine"}`},
		"gcp":        {"", "{}", "null", `[{"end":5}]`},
		"aws":        {"", "{}", "null", "<html><body>Sorry</body></html>"},
		"rss":        {"", "{}", "<html><body><p>Sorry</p></body></html>"},
		"carrier":    {"{}"},
	} {
		for _, b := range bodies {
			if got, err := vendor.Read(form, []byte(b), "", nil, now); err == nil {
				t.Errorf("%s took %q for %+v", form, b, got)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("statuspage", []byte(summary("minor", "partial_outage", "", "")))
	f.Add("gcp", []byte(`[{"end":null,"affected_products":[{"id":"x"}]}]`))
	f.Add("aws", []byte("\xFE\xFF\x00["))
	f.Add("rss", []byte(rss(item("a", "b", "c"))))
	f.Fuzz(func(t *testing.T, form string, body []byte) {
		r, err := vendor.Read(form, body, "https://a.example/", []string{"x"}, now)
		if err == nil && (len(r.What) > 400 || len(r.Troubles) > 20) {
			t.Errorf("without bound: %+v", r)
		}
	})
}
