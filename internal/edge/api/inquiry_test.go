package api

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/evidence"
	"allclear/internal/edge/api/inquiry"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
)

// declared makes an incident that the responder commands.
func (w *world) declared() string {
	w.t.Helper()
	w.house()
	i := decode[record.Incident](w.as(authz.Responder, "POST", "/incidents", `{"service":"auth","title":"Sign-in fails","severity":"P1"}`).status(http.StatusCreated, "declare"))
	w.step(authz.Responder, i.Ref+"/engage", "", http.StatusOK)
	return "/incidents/" + i.Ref
}

// The search for a cause by the interface alone, and what it refuses, with the place.
//
// Clauses: INV-RCA-REPRO, INV-SOL-TEST, INV-SOL-PLAN, PIR-IMM-TL-2
func TestInquiry(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		post := func(path, body string, status int, place ...string) got {
			t.Helper()
			g := w.as(authz.Responder, "POST", path, body).status(status, path+" "+body)
			for _, p := range place {
				if !strings.Contains(g.Body.String(), `"`+p+`"`) {
					t.Errorf("%s %s: no %s in %s", path, body, p, g.Body)
				}
			}
			return g
		}
		put := func(path, body string, status int, place string) got {
			t.Helper()
			g := w.as(authz.Responder, "PUT", path, body).status(status, path+" "+body)
			if place != "" && !strings.Contains(g.Body.String(), `"`+place+`"`) {
				t.Errorf("%s %s: no %s in %s", path, body, place, g.Body)
			}
			return g
		}
		h := decode[inquiry.Hypothesis](post(at+"/hypotheses", `{"text":"A full disk"}`, http.StatusCreated))
		post(at+"/hypotheses", `{"text":" "}`, http.StatusUnprocessableEntity, "body.text")
		post(at+"/hypotheses", `{"text":"x","parent":"nonsense"}`, http.StatusUnprocessableEntity, "body.parent")
		post("/hypotheses/"+h.ID+"/confirm", `{}`, http.StatusUnprocessableEntity, "body.text")
		post("/hypotheses/"+h.ID+"/rule-out", `{"text":"x","files":["`+absent+`"]}`, http.StatusUnprocessableEntity, "body.files[0]")
		post("/hypotheses/"+absent+"/confirm", `{"text":"x"}`, http.StatusNotFound)
		if c := decode[inquiry.Hypothesis](post("/hypotheses/"+h.ID+"/confirm", `{"text":"df says so","links":[{"url":"https://x.example"}]}`, http.StatusOK)); c.State != "confirmed" || c.JudgedBy.Name != "The responder" {
			t.Errorf("%+v", c)
		}
		post(at+"/decisions", `{"sort":"command","question":"Fail over?","choice":"yes"}`, http.StatusUnprocessableEntity, "body.rationale")
		post(at+"/decisions", `{"sort":"command","question":"Fail over?","choice":"yes","rationale":"it is faster"}`, http.StatusCreated)
		ws := decode[inquiry.Workstream](post(at+"/workstreams", `{"title":"Disk","owner":"team:security"}`, http.StatusCreated))
		put("/workstreams/"+ws.ID, `{"title":"Disk","owner":"team:security","state":"blocked"}`, http.StatusUnprocessableEntity, "body.note")
		put("/workstreams/"+ws.ID, `{"title":"Disk","owner":"team:security","state":"running"}`, http.StatusOK, "")
		post(at+"/findings", `{"about":"reproduction","result":"not_possible"}`, http.StatusUnprocessableEntity, "body.text")
		post(at+"/findings", `{"about":"reproduction","result":"not_possible","evidence":{"text":"no such data in staging"}}`, http.StatusCreated)
		post(at+"/technical-updates", `{"text":"Disk is being cleared"}`, http.StatusCreated)
		s := decode[inquiry.SolutionOption](post(at+"/solutions", `{"sort":"workaround","title":"Clear the disk"}`, http.StatusCreated))
		if len(s.Missing) != 3 || s.Missing[0].Part != "risk" {
			t.Errorf("missing %+v", s.Missing)
		}
		post("/solutions/"+s.ID+"/approve", ``, http.StatusConflict)
		put("/solutions/"+s.ID+"/risk", `{"likelihood":"low","impact":"low","reversibility":"easy","blast_radius":""}`, http.StatusUnprocessableEntity, "body.blast_radius")
		put("/solutions/"+s.ID+"/risk", `{"likelihood":"low","impact":"low","reversibility":"easy","blast_radius":"logs"}`, http.StatusOK, "")
		put("/solutions/"+s.ID+"/test", `{"result":"waived"}`, http.StatusUnprocessableEntity, "body.reason")
		put("/solutions/"+s.ID+"/test", `{"result":"waived","reason":"nothing to test"}`, http.StatusOK, "")
		put("/solutions/"+s.ID+"/plan", `{"owner":"person:responder","steps":[{"text":"rm"}]}`, http.StatusUnprocessableEntity, "body.rollback")
		put("/solutions/"+s.ID+"/plan", `{"owner":"person:responder","steps":[{"text":"rm"}],"rollback":["restore"]}`, http.StatusOK, "")
		w.as(authz.Admin, "POST", "/solutions/"+s.ID+"/approve", "").status(http.StatusForbidden, "an administrator who leads nothing")
		post("/solutions/"+s.ID+"/apply", `{}`, http.StatusConflict)
		post("/solutions/"+s.ID+"/approve", ``, http.StatusOK)
		post("/solutions/"+s.ID+"/apply", `{"outcome":"works"}`, http.StatusOK)
		post(at+"/probes", `{"targets":["http://169.254.169.254/"]}`, http.StatusUnprocessableEntity, "body.targets[0]")
		post("/changes", `{"service":"auth","summary":"Deploy 7","kind":"deployment","version":"7"}`, http.StatusCreated)
		post("/changes", `{"service":"none","summary":"Deploy 7"}`, http.StatusUnprocessableEntity, "body.service")
		f := decode[inquiry.InquiryFile](w.as(authz.Stakeholder, "GET", at+"/inquiry", "").status(http.StatusOK, "read"))
		if len(f.Hypotheses) != 1 || len(f.Decisions) != 1 || len(f.Workstreams) != 1 || len(f.Findings) != 1 || len(f.Updates) != 1 || len(f.Solutions) != 1 || f.Solutions[0].State != "applied" || len(f.Probes) != 0 {
			t.Errorf("%+v", f)
		}
		if c := itemsOf[inquiry.ServiceChange](w, authz.Stakeholder, at+"/changes"); len(c) != 1 || c[0].Summary != "Deploy 7" {
			t.Errorf("%+v", c)
		}
		if p := decode[inquiry.TriagePanel](w.as(authz.Stakeholder, "GET", at+"/triage", "").status(http.StatusOK, "triage")); len(p.Services) != 1 || p.Correlated {
			t.Errorf("%+v", p)
		}
		w.as(authz.Stakeholder, "POST", at+"/hypotheses", `{"text":"x"}`).status(http.StatusForbidden, "who only follows")
	})
}

// upload sends a file.
func (w *world) upload(at, query, kind string, body io.Reader, length int64, status int) got {
	w.t.Helper()
	return w.do("POST", route.Prefix+at+"/evidence?"+query, "", bearer(w.tokens[authz.Responder]), func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(body), length
		r.Header.Set("Content-Type", kind)
	}).status(status, query)
}

// zeros is a file of nothing but zeros, as large as is wanted.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// A file comes back as it was, under headers that have no browser run it. What is too
// large is refused with the limit, with and without a length; a zip bomb is bytes like
// any others; nothing removes any.
//
// Clauses: PIR-IMM-TL-3, SEC-BR-FORENSIC
func TestEvidence(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		var bomb bytes.Buffer
		z := zip.NewWriter(&bomb)
		f, err := z.Create("zeros")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(f, zeros{}, 300<<20); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		for _, in := range []struct{ name, kind, sent, body string }{
			{"page.html", "text/html", "application/octet-stream", "<script>alert(1)</script>"},
			{"app%20%22log%22%0d%0aX%3a%201.txt", "text/plain", "text/plain", "line\r\n\x00\xff"},
			{"bomb.zip", "application/zip", "application/octet-stream", bomb.String()},
		} {
			e := decode[evidence.EvidenceFile](w.upload(at, "name="+in.name, in.kind, strings.NewReader(in.body), int64(len(in.body)), http.StatusCreated))
			sum := sha256.Sum256([]byte(in.body))
			if e.SHA256 != hex.EncodeToString(sum[:]) || e.Size != int64(len(in.body)) || e.By != "responder" {
				t.Errorf("%+v", e)
			}
			g := w.do("GET", e.URL, "", bearer(w.tokens[authz.Stakeholder])).status(http.StatusOK, in.name)
			if g.Body.String() != in.body {
				t.Errorf("%s: other bytes came back", in.name)
			}
			for name, want := range map[string]string{
				"Content-Type": in.sent, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'", "Content-Length": fmt.Sprint(len(in.body)), "X": "",
			} {
				if got := g.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", in.name, name, got, want)
				}
			}
			if d := g.Header().Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") || strings.ContainsAny(d, "\r\n") {
				t.Errorf("%s: %q", in.name, d)
			}
			for _, method := range []string{"DELETE", "PUT", "PATCH"} {
				w.do(method, e.URL, "{}", bearer(w.tokens[authz.Admin])).status(http.StatusMethodNotAllowed, method)
			}
		}
		const large = 50 << 20
		for _, length := range []int64{large, -1} {
			g := w.upload(at, "name=large", "application/octet-stream", io.LimitReader(zeros{}, large), length, http.StatusRequestEntityTooLarge)
			if !strings.Contains(g.Body.String(), "larger than 25 MB") {
				t.Errorf("%s", g.Body)
			}
		}
		w.upload(at, "name=", "text/plain", strings.NewReader("x"), 1, http.StatusUnprocessableEntity)
		w.upload(at, "name=x&about=task:"+absent, "text/plain", strings.NewReader("x"), 1, http.StatusUnprocessableEntity)
		w.upload("/incidents/999", "name=x", "text/plain", strings.NewReader("x"), 1, http.StatusNotFound)
		w.as(authz.Responder, "GET", "/evidence/"+absent, "").status(http.StatusNotFound, "absent")
		all := itemsOf[evidence.EvidenceFile](w, authz.Responder, at+"/evidence")
		if len(all) != 3 || len(all[0].Custody) != 2 || all[0].Custody[1].What != "read" || all[0].Custody[1].By != "stakeholder" {
			t.Errorf("%+v", all)
		}
	})
}
