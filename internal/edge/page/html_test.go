package page

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"allclear/internal/domain/status"
)

func walk(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func parse(t testing.TB, s string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPagesObeyTheirPolicy checks every page against its own
// Content-Security-Policy: nothing in it is blocked, and the policy has no way
// out.
//
// INV-S3
func TestPagesObeyTheirPolicy(t *testing.T) {
	h := handler(sample())
	for _, path := range pages() {
		w := get(t, h, path)
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: policy %q is not strict", path, csp)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
		styles := 0
		walk(parse(t, w.Body.String()), func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			switch n.Data {
			case "script", "iframe", "object", "embed", "form", "base", "img":
				t.Errorf("%s: <%s> on a page", path, n.Data)
			case "style":
				styles++
				sum := sha256.Sum256([]byte(n.FirstChild.Data))
				if !strings.Contains(csp, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
					t.Errorf("%s: the style sheet's digest is not in the policy", path)
				}
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "srcset" {
					t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
				if n.Data == "link" && a.Key == "href" && !strings.HasPrefix(a.Val, "/") && !strings.Contains(fmt.Sprint(n.Attr), "canonical") && !strings.Contains(fmt.Sprint(n.Attr), "hreflang") {
					t.Errorf("%s: foreign asset %s", path, a.Val)
				}
			}
		})
		if styles != 1 {
			t.Errorf("%s: %d style sheets, want 1", path, styles)
		}
	}
	if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet loads something")
	}
}

// TestPagesAreAccessible checks what can be checked without a browser.
func TestPagesAreAccessible(t *testing.T) {
	h := handler(sample())
	zone := regexp.MustCompile(`<time datetime="[0-9T:Z-]+">([^<]+)</time>`)
	for _, path := range pages() {
		body := get(t, h, path).Body.String()
		ids, h1, mains, refs := map[string]bool{}, 0, 0, []string{}
		walk(parse(t, body), func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			switch n.Data {
			case "h1":
				h1++
			case "main":
				mains++
			}
			attr := map[string]string{}
			for _, a := range n.Attr {
				attr[a.Key] = a.Val
				if a.Key == "id" {
					if ids[a.Val] {
						t.Errorf("%s: id %s twice", path, a.Val)
					}
					ids[a.Val] = true
				}
			}
			if v := attr["aria-labelledby"]; v != "" {
				refs = append(refs, v)
			}
			if n.Data == "html" && attr["lang"] != "en" {
				t.Errorf("%s: no language", path)
			}
			if n.Data == "svg" && attr["aria-hidden"] != "true" && (attr["role"] != "img" || attr["aria-label"] == "") {
				t.Errorf("%s: a drawing without a text", path)
			}
		})
		if h1 != 1 || mains != 1 {
			t.Errorf("%s: %d h1 and %d main, want one each", path, h1, mains)
		}
		for _, r := range refs {
			if !ids[r] {
				t.Errorf("%s: aria-labelledby %s leads nowhere", path, r)
			}
		}
		for _, m := range zone.FindAllStringSubmatch(body, -1) {
			if strings.Contains(m[1], ":") && !strings.HasSuffix(m[1], " UTC") {
				t.Errorf("%s: time %q does not name its zone", path, m[1])
			}
		}
		if !strings.Contains(body, `name="viewport" content="width=device-width, initial-scale=1"`) {
			t.Errorf("%s: not made for a phone", path)
		}
	}
}

// TestContrast computes the WCAG 2.2 contrast of every pair of colours that
// the style sheet puts together, in both schemes.
func TestContrast(t *testing.T) {
	schemes := strings.SplitN(css, "@media(prefers-color-scheme:dark)", 2)
	for n, name := range []string{"light", "dark"} {
		v := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(schemes[n], -1) {
			v[m[1]] = m[2]
		}
		check := func(fore, back string, want float64) {
			if got := contrast(t, v[fore], v[back]); got < want {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", name, fore, back, got, want)
			}
		}
		for _, back := range []string{"bg", "surface"} {
			for _, fore := range []string{"text", "muted", "accent"} {
				check(fore, back, 4.5)
			}
		}
		for _, c := range []string{"ok", "work", "slow", "part", "down"} {
			check(c, "surface", 4.5)
			check(c, c+"-soft", 4.5)
			check("text", c+"-soft", 4.5)
			check("accent", c+"-soft", 4.5)
		}
		check("muted", "past-soft", 4.5)
		check("accent", "past-soft", 4.5)
		for _, c := range []string{"bar-up", "bar-slow", "bar-down"} {
			check(c, "surface", 3)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(s string) float64 {
		if len(s) != 7 {
			t.Fatalf("colour %q is not #rrggbb", s)
		}
		n, err := strconv.ParseUint(s[1:], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		part := func(x uint64) float64 {
			c := float64(x&255) / 255
			if c <= 0.04045 {
				return c / 12.92
			}
			return math.Pow((c+0.055)/1.055, 2.4)
		}
		return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
	}
	x, y := light(a)+0.05, light(b)+0.05
	return max(x, y) / min(x, y)
}

// TestLinksLeadSomewhere follows every local link of every page.
func TestLinksLeadSomewhere(t *testing.T) {
	h := handler(sample())
	for _, path := range pages() {
		walk(parse(t, get(t, h, path).Body.String()), func(n *html.Node) {
			for _, a := range n.Attr {
				if (n.Data != "a" && n.Data != "link") || a.Key != "href" || strings.HasPrefix(a.Val, "http") {
					continue
				}
				u, err := url.Parse(a.Val)
				if err != nil {
					t.Fatal(err)
				}
				target := u.Path
				if target == "" {
					target = path
				} else if w := get(t, h, target); w.Code != 200 {
					t.Errorf("%s links to %s: %d", path, a.Val, w.Code)
				}
				if u.Fragment != "" && !strings.Contains(get(t, h, target).Body.String(), `id="`+u.Fragment+`"`) {
					t.Errorf("%s links to %s, which has no such place", path, a.Val)
				}
			}
		})
	}
}

func TestFrontPageTellsTheState(t *testing.T) {
	body := get(t, handler(sample()), "/").Body.String()
	for _, want := range []string{
		"Major Service Outage", "Sign-in is not working", "<strong>We are rolling back.</strong>", "We are investigating failing sign-ins.",
		"next update by", "14 May, 10:30 UTC", "Degraded performance", "Database upgrade in the EU region", "No incidents reported.", "7 to 13 May", "not over yet", "Slow dashboards", "Dashboards load at their usual speed again.", "Certificate renewal",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the front page does not say %q", want)
		}
	}
	calm := sample()
	calm.Incidents = nil
	for i := range calm.Components {
		calm.Components[i].Status = status.Operational
	}
	if body := get(t, handler(calm), "/").Body.String(); !strings.Contains(body, "All Systems Operational") {
		t.Error("a calm page does not say so")
	}
	two := sample()
	second := two.Incidents[0].ID
	two.Incidents = append(two.Incidents, two.Incidents[0])
	two.Incidents[3].ID, two.Incidents[3].Updates, two.Incidents[3].Name = second+"2", nil, "Exports are late"
	if body := get(t, handler(two), "/").Body.String(); !strings.Contains(body, "2 active incidents") || !strings.Contains(body, "Exports are late") {
		t.Error("two active incidents are not both told")
	}
}

// TestUptimeIsTheComputedDowntime compares the percentages on the pages with
// the downtime that went in. Clauses: PLT-SP-HIST
func TestUptimeIsTheComputedDowntime(t *testing.T) {
	s := sample()
	h := handler(s)
	// Sign-in: 33 minutes 41 days ago (3 April), and today since 10:00:30.
	elapsed := 10*60 + 15
	total := 89*1440 + elapsed
	down := 33 + 14
	cut := func(total, down int) string {
		milli := (total - down) * 100_000 / total
		return fmt.Sprintf("%d.%03d %%", milli/1000, milli%1000)
	}
	if want := cut(total, down); !strings.Contains(get(t, h, "/").Body.String(), `href="/history#uptime-signin" aria-label="`+want) {
		t.Errorf("the front page does not show %s for sign-in", want)
	}
	history := get(t, h, "/history").Body.String()
	var cells []string
	walk(parse(t, history), func(n *html.Node) {
		if n.Data != "tr" || !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Val == "uptime-signin" }) {
			return
		}
		walk(n, func(c *html.Node) {
			if c.Data == "td" {
				cells = append(cells, c.FirstChild.Data)
			}
		})
	})
	want := []string{cut(13*1440+elapsed, 14), cut(30*1440, 33), "100.000 %", "100.000 %", cut(total, down)}
	if !slices.Equal(cells, want) {
		t.Errorf("monthly uptime of sign-in (May, April, March, February, all) = %v, want %v", cells, want)
	}
	for _, name := range []string{"Slow dashboards", "Sign-in failing for some customers", "Certificate renewal", "May 2026", "April 2026"} {
		if !strings.Contains(history, name) {
			t.Errorf("the history does not have %q", name)
		}
	}
	if n := strings.Count(get(t, h, "/").Body.String(), `class="b-down"`); n != 3 {
		t.Errorf("%d bars with downtime on the front page, want 3", n)
	}
}

// TestSnapshotFieldsAreTheAllowList fails when a field is added to what the
// public can see: whoever adds one must decide here that it is public.
//
// INV-S1
func TestSnapshotFieldsAreTheAllowList(t *testing.T) {
	want := map[string]string{
		"Snapshot":    "Page Components Incidents Maintenances GeneratedAt",
		"Page":        "ID Name URL TimeZone UpdatedAt Since Brand",
		"Brand":       "Name Logo Favicon Accent AccentDark Band BandText Support Footer Languages Language",
		"Picture":     "Type Data",
		"Component":   "ID Name Description Position GroupID Group Status Showcase OnlyShowIfDegraded StartDate CreatedAt UpdatedAt Days",
		"Incident":    "ID Name Status Impact CreatedAt UpdatedAt StartedAt MonitoringAt ResolvedAt NextUpdateAt Shortlink Updates ComponentIDs",
		"Maintenance": "Incident ScheduledFor ScheduledUntil",
		"Update":      "ID Status Body CreatedAt UpdatedAt DisplayAt Affected ByHand CorrectedAt Withdrawn",
		"Change":      "Code Name OldStatus NewStatus",
		"Day":         "Date DownMinutes DegradedMinutes",
	}
	seen := map[string]string{}
	var visit func(reflect.Type)
	visit = func(ty reflect.Type) {
		for ty.Kind() == reflect.Slice || ty.Kind() == reflect.Pointer {
			ty = ty.Elem()
		}
		if ty.Kind() != reflect.Struct || ty == reflect.TypeFor[time.Time]() || seen[ty.Name()] != "" {
			if k := ty.Kind(); k == reflect.Map || k == reflect.Interface {
				t.Errorf("%s can hold anything", ty)
			}
			return
		}
		var names []string
		for f := range ty.Fields() {
			names = append(names, f.Name)
		}
		seen[ty.Name()] = strings.Join(names, " ")
		for f := range ty.Fields() {
			visit(f.Type)
		}
	}
	visit(reflect.TypeFor[status.Snapshot]())
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("public fields\n got %v\nwant %v", seen, want)
	}
}

// What a later update corrected or took back is marked wherever people read it, in
// their language; the public API keeps the fields it has.
func TestCorrectionsAreMarked(t *testing.T) {
	s := sample()
	i := &s.Incidents[0]
	at := i.Updates[0].CreatedAt.Add(time.Minute)
	for _, taken := range []bool{false, true} {
		i.Updates[0].CorrectedAt, i.Updates[0].Withdrawn = &at, taken
		h := handler(s)
		for path, words := range map[string][2]string{
			"/incidents/" + i.ID: {"Corrected", "Withdrawn"}, "/de/incidents/" + i.ID: {"Berichtigt", "Zurückgezogen"}, "/history.atom": {"Corrected", "Withdrawn"},
		} {
			body := get(t, h, path).Body.String()
			if strings.Contains(body, words[0]) == taken || strings.Contains(body, words[1]) != taken {
				t.Errorf("%s, withdrawn %v: not marked so", path, taken)
			}
		}
		if body := get(t, h, "/api/v2/incidents.json").Body.String(); strings.Contains(body, "corrected") || strings.Contains(body, "withdrawn") {
			t.Error("the public API has fields of our own")
		}
	}
}
