package page

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/status"
)

// The shapes of the Statuspage public API v2: key -> types it may have, as
// seen in public answers of Statuspage. "?" is null, "#" a number, "time" an
// RFC 3339 text with milliseconds.
type shape map[string]string

var (
	pageShape      = shape{"id": "text", "name": "text", "url": "text", "time_zone": "text", "updated_at": "time"}
	statusShape    = shape{"indicator": "text", "description": "text"}
	componentShape = shape{
		"id": "text", "name": "text", "status": "text", "created_at": "time", "updated_at": "time", "position": "#",
		"description": "text?", "showcase": "bool", "start_date": "text?", "group_id": "text?", "page_id": "text", "group": "bool",
		"only_show_if_degraded": "bool",
	}
	groupShape = with(componentShape, shape{"components": "list"})
	eventShape = shape{
		"id": "text", "name": "text", "status": "text", "created_at": "time", "updated_at": "time", "monitoring_at": "time?",
		"resolved_at": "time?", "impact": "text", "shortlink": "text", "started_at": "time", "page_id": "text",
		"incident_updates": "list", "components": "list",
	}
	workShape   = with(eventShape, shape{"scheduled_for": "time", "scheduled_until": "time"})
	updateShape = shape{
		"id": "text", "status": "text", "body": "text", "incident_id": "text", "created_at": "time", "updated_at": "time",
		"display_at": "time", "affected_components": "list?", "deliver_notifications": "bool", "custom_tweet": "?", "tweet_id": "?",
	}
	changeShape = shape{"code": "text", "name": "text", "old_status": "text", "new_status": "text"}
)

func with(a, b shape) shape {
	out := shape{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

func kind(v any) string {
	switch x := v.(type) {
	case nil:
		return "?"
	case string:
		if _, err := time.Parse("2006-01-02T15:04:05.000Z07:00", x); err == nil {
			return "time"
		}
		return "text"
	case float64:
		return "#"
	case bool:
		return "bool"
	case []any:
		return "list"
	default:
		return "object"
	}
}

// check compares an object's keys and types with a shape.
func (s shape) check(t *testing.T, where string, v any) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s is %s, want an object", where, kind(v))
	}
	for k, want := range s {
		got, ok := m[k]
		if !ok {
			t.Errorf("%s has no %s", where, k)
		} else if kg := kind(got); kg != strings.TrimSuffix(want, "?") && (kg != "?" || !strings.HasSuffix(want, "?")) {
			t.Errorf("%s.%s is %s, want %s", where, k, kg, want)
		}
	}
	for k := range m {
		if _, ok := s[k]; !ok {
			t.Errorf("%s has a key of its own: %s", where, k)
		}
	}
	return m
}

func checkEvents(t *testing.T, where string, s shape, v any) []string {
	t.Helper()
	var ids []string
	for _, e := range v.([]any) {
		m := s.check(t, where, e)
		ids = append(ids, m["id"].(string))
		for _, u := range m["incident_updates"].([]any) {
			um := updateShape.check(t, where+".incident_updates", u)
			if um["incident_id"] != m["id"] {
				t.Errorf("%s: update of %v says incident %v", where, m["id"], um["incident_id"])
			}
			if l, ok := um["affected_components"].([]any); ok {
				for _, c := range l {
					changeShape.check(t, where+".affected_components", c)
				}
			}
		}
		for _, c := range m["components"].([]any) {
			componentShape.check(t, where+".components", c)
		}
	}
	return ids
}

func TestAPIShapes(t *testing.T) {
	s := sample()
	s.Maintenances = append(s.Maintenances, work("mrunning0001", "Cache warm-up", status.InProgress, now.Add(-time.Hour)))
	h := handler(s)
	const live = "q7xk2m9vd4ra"
	for _, c := range []struct {
		path      string
		keys      []string
		incidents []string
		works     []string
	}{
		{"summary", []string{"components", "incidents", "page", "scheduled_maintenances", "status"}, []string{live}, []string{"mw4kd82jx0qa", "mrunning0001"}},
		{"status", []string{"page", "status"}, nil, nil},
		{"components", []string{"components", "page"}, nil, nil},
		{"incidents", []string{"incidents", "page"}, []string{live, "b3nw8t5yh1sc", "z6ph0c4fk8eu"}, nil},
		{"incidents/unresolved", []string{"incidents", "page"}, []string{live}, nil},
		{"scheduled-maintenances", []string{"page", "scheduled_maintenances"}, nil, []string{"mw4kd82jx0qa", "mrunning0001", "mp02ls9xkd7e"}},
		{"scheduled-maintenances/upcoming", []string{"page", "scheduled_maintenances"}, nil, []string{"mw4kd82jx0qa"}},
		{"scheduled-maintenances/active", []string{"page", "scheduled_maintenances"}, nil, []string{"mrunning0001"}},
	} {
		w := get(t, h, "/api/v2/"+c.path+".json")
		if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Type") != jsonType {
			t.Fatalf("%s = %d %v", c.path, w.Code, w.Header())
		}
		var doc map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for k := range doc {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		if !slices.Equal(keys, c.keys) {
			t.Errorf("%s has %v, want %v", c.path, keys, c.keys)
		}
		pageShape.check(t, c.path+".page", doc["page"])
		if v, ok := doc["status"]; ok {
			if m := statusShape.check(t, c.path+".status", v); m["indicator"] != "critical" || m["description"] != "Major Service Outage" {
				t.Errorf("%s.status = %v", c.path, m)
			}
		}
		if v, ok := doc["components"]; ok {
			for _, x := range v.([]any) {
				if x.(map[string]any)["group"] == true {
					groupShape.check(t, c.path+".group", x)
					continue
				}
				componentShape.check(t, c.path+".components", x)
			}
		}
		if v, ok := doc["incidents"]; ok {
			if ids := checkEvents(t, c.path+".incidents", eventShape, v); !slices.Equal(ids, c.incidents) {
				t.Errorf("%s lists %v, want %v", c.path, ids, c.incidents)
			}
		}
		if v, ok := doc["scheduled_maintenances"]; ok {
			if ids := checkEvents(t, c.path+".works", workShape, v); !slices.Equal(ids, c.works) {
				t.Errorf("%s lists %v, want %v", c.path, ids, c.works)
			}
		}
	}
}

func TestEmptyListsAreLists(t *testing.T) {
	s := &status.Snapshot{Page: status.Page{ID: "p", Name: "P", UpdatedAt: now}, GeneratedAt: now}
	body := get(t, handler(s), "/api/v2/summary.json").Body.String()
	for _, want := range []string{`"components":[]`, `"incidents":[]`, `"scheduled_maintenances":[]`, `"time_zone":"Etc/UTC"`, `"indicator":"none"`} {
		if !strings.Contains(body, want) {
			t.Errorf("summary %s lacks %s", body, want)
		}
	}
}

func TestFeeds(t *testing.T) {
	s := sample()
	s.Incidents[0].Name = "Sign-in <is> & \x01 not working"
	h := handler(s)
	var atom struct {
		ID      string    `xml:"id"`
		Title   string    `xml:"title"`
		Updated time.Time `xml:"updated"`
		Author  string    `xml:"author>name"`
		Entries []struct {
			ID        string    `xml:"id"`
			Title     string    `xml:"title"`
			Published time.Time `xml:"published"`
			Updated   time.Time `xml:"updated"`
			Link      struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Content struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"content"`
		} `xml:"entry"`
	}
	w := get(t, h, "/history.atom")
	if err := xml.Unmarshal(w.Body.Bytes(), &atom); err != nil {
		t.Fatal(err)
	}
	if w.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" || atom.Author != "TechFlow" || atom.ID != "tag:status.example.test,2026:/history" || len(atom.Entries) != 5 {
		t.Fatalf("atom feed %q by %q with %d entries", atom.ID, atom.Author, len(atom.Entries))
	}
	e := atom.Entries[0]
	if e.Title != "Sign-in <is> &  not working" || e.Link.Href != "https://status.example.test/incidents/q7xk2m9vd4ra" || !e.Published.Equal(s.Incidents[0].StartedAt) ||
		e.Content.Type != "html" || !strings.Contains(e.Content.Text, "<strong>We are rolling back.</strong>") {
		t.Errorf("first entry %+v", e)
	}
	var rss struct {
		Version string `xml:"version,attr"`
		Items   []struct {
			Title   string `xml:"title"`
			GUID    string `xml:"guid"`
			PubDate string `xml:"pubDate"`
			Link    string `xml:"link"`
		} `xml:"channel>item"`
	}
	w = get(t, h, "/history.rss")
	if err := xml.Unmarshal(w.Body.Bytes(), &rss); err != nil {
		t.Fatal(err)
	}
	if rss.Version != "2.0" || len(rss.Items) != 5 {
		t.Fatalf("rss %s with %d items", rss.Version, len(rss.Items))
	}
	for n, i := range rss.Items {
		if _, err := time.Parse(time.RFC1123Z, i.PubDate); err != nil || i.GUID != atom.Entries[n].ID || i.Link != atom.Entries[n].Link.Href {
			t.Errorf("item %+v: %v", i, err)
		}
	}
}
