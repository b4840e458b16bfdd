package api

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/ledger"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/store/storetest"
)

func auditKey(t *testing.T) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key
}

func (w *world) seal() {
	w.t.Helper()
	if err := w.audit.Tick(w.t.Context(), w.now); err != nil {
		w.t.Fatal(err)
	}
}

// ledger reads the record to its end, page by page.
func (w *world) ledger(role authz.Role, filter string, limit string) (out []ledger.AuditEntry) {
	w.t.Helper()
	for cursor := ""; ; {
		p := decode[ledger.AuditPage](w.as(role, "GET", "/audit?limit="+limit+filter+cursor, "").status(http.StatusOK, filter))
		out = append(out, p.Items...)
		if p.NextCursor == "" {
			return out
		}
		cursor = "&cursor=" + p.NextCursor
	}
}

func idsOf(es []ledger.AuditEntry) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = e.ID
	}
	return out
}

// The audit log is for administrators and auditors.
func TestAuditRights(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Auditor, "GET", "/audit/checkpoint", "").status(http.StatusNotFound, "nothing was sealed yet")
		w.seal()
		for _, path := range []string{"/audit", "/audit/checkpoint", "/audit/verification"} {
			for role, want := range map[authz.Role]int{
				authz.Admin: http.StatusOK, authz.Auditor: http.StatusOK, authz.Responder: http.StatusForbidden, authz.Stakeholder: http.StatusForbidden,
			} {
				w.as(role, "GET", path, "").status(want, path+" as "+string(role))
			}
			w.do("GET", route.Prefix+path, "").status(http.StatusUnauthorized, path+" as nobody")
		}
	})
}

// Every entry comes once and in order, with the place it is sealed at, also
// while others are written.
func TestAuditPages(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.seal()
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		all := w.ledger(authz.Auditor, "", "500")
		if !slices.IsSortedFunc(all, func(a, b ledger.AuditEntry) int { return strings.Compare(b.ID, a.ID) }) {
			t.Error("not the newest first")
		}
		sealed := int64(0)
		for _, e := range slices.Backward(all) {
			if e.Sealed != (e.Position >= 0) || e.Sealed && e.Position != sealed || e.ID == "" || e.RecordedAt.IsZero() {
				t.Errorf("%+v, want position %d", e, sealed)
			}
			if e.Sealed {
				sealed++
			}
		}
		c := decode[ledger.AuditCheckpoint](w.as(authz.Auditor, "GET", "/audit/checkpoint", "").status(http.StatusOK, "checkpoint"))
		if c.Size != sealed || sealed == 0 || sealed == int64(len(all)) || !strings.Contains(c.Note, "\n"+c.Root+"\n") || c.SealedAt.IsZero() {
			t.Errorf("%d of %d are sealed: %+v", sealed, len(all), c)
		}
		// The same entries as in the timeline, in the same words.
		line := itemsOf[record.TimelineEntry](w, authz.Auditor, "/incidents/1/timeline?limit=500")
		mine := w.ledger(authz.Auditor, "&incident=INC-1", "500")
		slices.Reverse(mine)
		if len(line) != len(mine) {
			t.Fatalf("%d in the timeline, %d in the record", len(line), len(mine))
		}
		for i, e := range mine {
			if e.ID != line[i].ID || e.Text != line[i].Text || e.ActorName != line[i].ActorName || !slices.Equal(e.Data.Clauses, line[i].Data.Clauses) || e.Incident != "INC-1" {
				t.Errorf("%+v, in the timeline %+v", e, line[i])
			}
		}
		first := decode[ledger.AuditPage](w.as(authz.Auditor, "GET", "/audit?limit=3", "").status(http.StatusOK, "first"))
		w.step(authz.Responder, "1/notes", `{"text":"meanwhile"}`, http.StatusCreated)
		rest := w.ledger(authz.Auditor, "&cursor="+first.NextCursor, "500")
		if got := append(idsOf(first.Items), idsOf(rest)...); !slices.Equal(got, idsOf(all)) {
			t.Errorf("%d entries in two pages, %d at once", len(got), len(all))
		}
		for _, limit := range []string{"1", "7", "50"} {
			if got := idsOf(w.ledger(authz.Auditor, "", limit)); len(got) <= len(all) || !slices.Equal(got[len(got)-len(all):], idsOf(all)) {
				t.Errorf("by %s: %d entries, %d at once", limit, len(got), len(all))
			}
		}
	})
}

// Each filter leaves exactly what fits, whatever the size of a page.
func TestAuditFilters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.now = w.now.Add(time.Minute)
		w.as(authz.Admin, "POST", "/incidents", `{"title":"Slow","service":"auth","severity":"P3"}`).status(http.StatusCreated, "declare")
		w.now = w.now.Add(1500 * time.Millisecond)
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		all := w.ledger(authz.Auditor, "", "500")
		middle := all[len(all)/2].RecordedAt
		stamp := func(at time.Time) string { return url.QueryEscape(at.Format(time.RFC3339Nano)) }
		for query, fits := range map[string]func(ledger.AuditEntry) bool{
			"actor=responder":        func(e ledger.AuditEntry) bool { return e.Actor == "responder" },
			"kind=incident.opened":   func(e ledger.AuditEntry) bool { return e.Kind == "incident.opened" },
			"incident=1":             func(e ledger.AuditEntry) bool { return e.Incident == "INC-1" },
			"from=" + stamp(middle):  func(e ledger.AuditEntry) bool { return !e.RecordedAt.Before(middle) },
			"until=" + stamp(middle): func(e ledger.AuditEntry) bool { return e.RecordedAt.Before(middle) },
			"from=" + stamp(middle.In(time.FixedZone("", 7200))) + "&kind=catalog.changed": func(e ledger.AuditEntry) bool {
				return !e.RecordedAt.Before(middle) && e.Kind == "catalog.changed"
			},
			"actor=admin&incident=INC-2&from=" + stamp(start) + "&until=" + stamp(w.now.Add(time.Second)): func(e ledger.AuditEntry) bool { return e.Actor == "admin" && e.Incident == "INC-2" },
			"from=2199-01-01T00:00:00Z":  func(ledger.AuditEntry) bool { return false },
			"until=1970-01-01T00:00:00Z": func(ledger.AuditEntry) bool { return false },
			"actor=nobody":               func(ledger.AuditEntry) bool { return false },
		} {
			want := idsOf(slices.DeleteFunc(slices.Clone(all), func(e ledger.AuditEntry) bool { return !fits(e) }))
			for _, limit := range []string{"2", "500"} {
				if got := idsOf(w.ledger(authz.Auditor, "&"+query, limit)); !slices.Equal(got, want) {
					t.Errorf("%s by %s: %d entries, want %d", query, limit, len(got), len(want))
				}
			}
		}
	})
}

// What belongs to a restricted incident is in no list of somebody outside its
// circle, whatever the filter, and the incident itself looks missing.
func TestAuditHidesRestricted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		w.step(authz.Responder, "1/restrict", "", http.StatusOK)
		w.seal()
		all := w.ledger(authz.Admin, "", "500") // of the circle
		outside := slices.DeleteFunc(slices.Clone(all), func(e ledger.AuditEntry) bool { return e.Incident == "INC-1" })
		for _, limit := range []string{"2", "500"} {
			if got := w.ledger(authz.Auditor, "", limit); len(outside) == len(all) || !slices.Equal(idsOf(got), idsOf(outside)) {
				t.Errorf("%d entries, %d for the circle, %d outside of it", len(got), len(all), len(outside))
			}
		}
		if got := w.ledger(authz.Auditor, "&kind=incident.opened", "500"); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if got := w.ledger(authz.Auditor, "&actor=responder", "500"); slices.ContainsFunc(got, func(e ledger.AuditEntry) bool { return e.Incident != "" }) {
			t.Errorf("%+v", got)
		}
		a := w.as(authz.Auditor, "GET", "/audit?incident=INC-1", "").status(http.StatusNotFound, "hidden")
		b := w.as(authz.Auditor, "GET", "/audit?incident=INC-7", "").status(http.StatusNotFound, "missing")
		if bare(a, "INC-1") != bare(b, "INC-7") {
			t.Errorf("%s and %s", a.Body, b.Body)
		}
		// Who may not read an entry can still see that it is as it was written.
		r := decode[ledger.AuditReport](w.as(authz.Auditor, "GET", "/audit/verification", "").status(http.StatusOK, "verify"))
		if !r.OK || r.Sealed != int64(len(all)) {
			t.Errorf("%+v, want %d", r, len(all))
		}
	})
}

// INV-I6.
func TestAuditBadInput(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.seal()
	_, other := auditKey(t)
	foreign := base64.RawURLEncoding.EncodeToString([]byte("allclear/audit\n1\nAAAA\n\n\u2014 " + other.Name() + " AAAA\n"))
	for path, where := range map[string]string{
		"/audit?limit=0":                                              "query.limit",
		"/audit?limit=501":                                            "query.limit",
		"/audit?limit=99999999999999999999":                           "query.limit",
		"/audit?cursor=hello":                                         "query.cursor",
		"/audit?cursor=0000000000000":                                 "query.cursor",
		"/audit?cursor=" + strings.Repeat("0", 401):                   "query.cursor",
		"/audit?from=yesterday":                                       "query.from",
		"/audit?from=2026-03-02":                                      "query.from",
		"/audit?until=2026-03-02T03:00:00":                            "query.until",
		"/audit?until=2026-02-30T03:00:00Z":                           "query.until",
		"/audit?from=2026-03-02T03:00:00Z&until=2026-03-02T03:00:00Z": "query.until",
		"/audit?kind=incident.eaten":                                  "query.kind",
		"/audit?actor=" + strings.Repeat("a", 201):                    "query.actor",
		"/audit?severity=P1":                                          "query.severity",
		"/audit/verification?checkpoint=a%2Bb":                        "query.checkpoint",
		"/audit/verification?checkpoint=aGVsbG8":                      "not signed by this installation",
		"/audit/verification?checkpoint=" + foreign:                   "not signed by this installation",
		"/audit/verification?checkpoint=" + strings.Repeat("a", 4001): "query.checkpoint",
	} {
		g := w.as(authz.Auditor, "GET", path, "").status(http.StatusUnprocessableEntity, path)
		if !strings.Contains(g.Body.String(), where) {
			t.Errorf("%s: the answer does not say %q: %s", path, where, clip2(g.Body.String()))
		}
	}
	w.as(authz.Auditor, "GET", "/audit?incident=INC-x", "").status(http.StatusNotFound, "no number")
	w.as(authz.Auditor, "POST", "/audit", "{}").status(http.StatusMethodNotAllowed, "nobody writes it")
}
