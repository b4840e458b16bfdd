package vendor

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"allclear/internal/base/fault"
	"allclear/internal/domain/feed"
)

// readGCP reads incidents.json: what has no end goes on. Components are products
// and locations, by title or id; with both among them each incident needs one of
// either sort only, since a company names what it uses.
func readGCP(body []byte, w *wanted) (Report, error) {
	type place struct{ ID, Title string }
	var doc []struct {
		End      *string `json:"end"`
		What     string  `json:"external_desc"`
		Service  string  `json:"service_name"`
		Impact   string  `json:"status_impact"`
		Severity string  `json:"severity"`
		URI      string  `json:"uri"`
		Products []place `json:"affected_products"`
		Now      []place `json:"currently_affected_locations"`
	}
	if err := decode(body, &doc, "a list of incidents"); err != nil {
		return Report{}, err
	}
	if doc == nil {
		return Report{}, fault.New(fault.Invalid, "the document is not a list of incidents")
	}
	var all []Trouble
	for _, i := range doc {
		if i.End != nil && *i.End != "" {
			continue
		}
		names := []string{i.Service}
		for _, p := range append(slices.Clone(i.Products), i.Now...) {
			names = append(names, p.ID, p.Title)
		}
		if !w.has(names...) {
			continue
		}
		s := OK
		switch strings.ToUpper(i.Impact) {
		case "SERVICE_OUTAGE":
			s = Outage
		case "SERVICE_DISRUPTION":
			s = Degraded
		case "": // older documents have a severity alone
			s = map[string]State{"high": Outage, "medium": Degraded}[strings.ToLower(i.Severity)]
			s = cmp.Or(s, OK)
		}
		if s == OK {
			continue // information
		}
		t := Trouble{What: i.What, State: s}
		if strings.HasPrefix(i.URI, "incidents/") {
			t.Link = "https://status.cloud.google.com/" + i.URI
		}
		all = append(all, t)
	}
	return report(OK, all), nil // a product without an incident is not in the document: none is missing
}

// readAWS reads the current events, a list in UTF-16, or the RSS of a service.
// The numbers are 1 information, 2 degradation, 3 disruption; 0 is resolved.
func readAWS(body []byte, from string, w *wanted, now time.Time) (Report, error) {
	body = narrow(body)
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '<' {
		return readFeed(b, from, w, now)
	}
	var doc []struct {
		Service  string          `json:"service"`
		Name     string          `json:"service_name"`
		Region   string          `json:"region_name"`
		Summary  string          `json:"summary"`
		Status   json.RawMessage `json:"status"`
		Impacted map[string]struct {
			Name    string          `json:"service_name"`
			Current json.RawMessage `json:"current"`
		} `json:"impacted_services"`
	}
	if err := decode(body, &doc, "a list of events"); err != nil {
		return Report{}, err
	}
	if doc == nil {
		return Report{}, fault.New(fault.Invalid, "the document is not a list of events")
	}
	var all []Trouble
	for _, e := range doc {
		s := Unknown
		if w.has(e.Service, e.Name, e.Region) {
			s = ofNumber(e.Status)
		}
		for _, key := range slices.Sorted(maps.Keys(e.Impacted)) {
			if i := e.Impacted[key]; len(w.all) > 0 && w.has(key, i.Name) {
				s = Worse(s, ofNumber(i.Current))
			}
		}
		if !s.Red() {
			continue
		}
		what := e.Summary
		if e.Region != "" {
			what = fmt.Sprintf("%s (%s)", e.Summary, e.Region)
		}
		all = append(all, Trouble{What: what, State: s, Link: "https://health.aws.amazon.com/health/status"})
	}
	return report(OK, all), nil
}

func ofNumber(raw json.RawMessage) State {
	switch strings.Trim(string(raw), `"`) {
	case "2":
		return Degraded
	case "3":
		return Outage
	}
	return OK
}

// narrow turns UTF-16 into UTF-8, by its byte order mark.
func narrow(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	default:
		return bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	}
	units := make([]uint16, 0, len(b)/2)
	for b = b[2:]; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}

// recent is how long an entry of a feed counts that nobody has ended: feeds tell
// news, not states, and some vendors never say that it is over.
const recent = 24 * time.Hour

// Words by which an entry of a feed says how things are. The end is looked for
// first: an entry about it repeats what it ends.
var (
	ended   = []string{"resolved", "completed", "operating normally", "service is operating", "back to normal"}
	planned = []string{"maintenance", "planned"}
	gone    = []string{"outage", "outages", "disruption", "unavailable", "down", "major", "critical"}
	trouble = []string{
		"degraded", "degradation", "elevated", "increased", "error", "errors", "latency", "delay", "delays", "delayed", "partial", "issue", "issues",
		"investigating", "identified", "monitoring", "impact", "impacted", "problem", "problems",
	}
)

// readFeed reads what is newest about each matter: an entry of a title that a
// newer one repeats no longer counts.
func readFeed(body []byte, from string, w *wanted, now time.Time) (Report, error) {
	entries, err := feed.Read("rss", body, from)
	if err != nil {
		return Report{}, err
	}
	slices.SortStableFunc(entries, func(a, b feed.Entry) int { return b.At.Compare(a.At) })
	seen := map[string]bool{}
	var all []Trouble
	for _, e := range entries {
		matter := matterOf(e.Title)
		if seen[matter] || !w.within(e.Title+" "+e.Text) {
			continue
		}
		seen[matter] = true
		if e.At.IsZero() || now.Sub(e.At) > recent || e.At.After(now.Add(time.Hour)) {
			continue
		}
		if s := said(e); s != OK {
			all = append(all, Trouble{What: e.Title, State: s, Link: e.Link})
		}
	}
	return report(OK, all), nil
}

// matterOf is a title without the words that change as things go on.
func matterOf(title string) string {
	m := strings.ToLower(title)
	if _, rest, ok := strings.Cut(m, ": "); ok {
		m = rest
	}
	if i := strings.IndexByte(m, ']'); strings.HasPrefix(m, "[") && i > 0 {
		m = m[i+1:]
	}
	return strings.TrimSpace(m)
}

func said(e feed.Entry) State {
	title, text := spaced(e.Title), spaced(e.Text)
	has := func(s string, words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, " "+w+" ") })
	}
	switch {
	case strings.HasPrefix(title, " informational message "), has(title, ended), has(text, ended):
		return OK
	case has(title, planned):
		return Maintenance
	case has(title, gone):
		return Outage
	case has(title, trouble), has(text, trouble), has(text, gone):
		return Degraded
	}
	return OK
}

// spaced is a text's words in lower case, each between two spaces.
func spaced(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}
