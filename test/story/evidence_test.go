package story_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/event"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/metric"
	"allclear/internal/flow/vault"
	"allclear/test/story"
)

// Evidence comes back as it went in, under its SHA-256, and who had it in hand is on
// the record. Two files of the same bytes are two pieces of evidence.
//
// Clauses: PIR-IMM-TL-3, INV-TRI-LOGS, SEC-BR-FORENSIC
func TestEvidenceComesBackAsItWentIn(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		v, n, ctx := w.Vault(), w.Number(), t.Context()
		h, err := w.Inquiry().Suppose(ctx, w.As("ana"), n, inquiry.Hypothesis{Text: "Disk"}, w.Now())
		w.Tried(err)
		body := bytes.Repeat([]byte("a line of a log\x00\xff\n"), 40_000) // three pieces
		sum := sha256.Sum256(body)
		in, err := v.Add(ctx, w.As("ana"), n, vault.NewFile{Name: `..\..\etc/app "log".txt`, MediaType: "text/plain", About: "hypothesis:" + h.ID.String()}, bytes.NewReader(body), w.Now())
		w.Tried(err)
		if in.SHA256 != hex.EncodeToString(sum[:]) || in.Size != int64(len(body)) || in.Name != "app _log_.txt" {
			t.Errorf("%+v", in)
		}
		w.After(time.Minute)
		second, err := v.Add(ctx, w.As("bo"), n, vault.NewFile{Name: "again"}, bytes.NewReader(body), w.Now())
		w.Tried(err)
		for _, id := range []ident.ID{in.ID, second.ID} {
			w.After(time.Minute)
			_, r, err := v.Open(ctx, w.As("cy"), id, w.Now())
			w.Tried(err)
			out, err := io.ReadAll(r)
			w.Tried(err)
			if !bytes.Equal(out, body) {
				t.Error("other bytes came back")
			}
		}
		_, err = w.Inquiry().Judge(ctx, w.As("ana"), h.ID, inquiry.Confirmed, inquiry.Proof{Text: "see the log", Files: []ident.ID{in.ID}}, w.Now())
		w.Tried(err)
		all, err := v.List(ctx, w.As("ana"), n)
		w.Tried(err)
		if len(all) != 2 || len(all[0].Custody) != 2 || all[0].Custody[0].What != "added" || all[0].Custody[0].By != w.As("ana").ID || all[0].Custody[1].What != "read" || all[0].Custody[1].By != w.As("cy").ID {
			t.Errorf("%+v", all)
		}
		_, err = v.Add(ctx, w.As("ana"), n, vault.NewFile{Name: ".."}, strings.NewReader("x"), w.Now())
		misplaced(t, err, "query.name")
		_, err = v.Add(ctx, w.As("ana"), n, vault.NewFile{Name: "empty"}, strings.NewReader(""), w.Now())
		misplaced(t, err, "body")
		_, err = v.Add(ctx, w.As("ana"), n, vault.NewFile{Name: "x", About: "task:" + h.ID.String()}, strings.NewReader("x"), w.Now())
		misplaced(t, err, "query.about")
	})
}

// An hour after an incident began, the limits and what they were judged by an hour
// before and after are evidence, without anybody having thought of it.
//
// Clauses: PIR-IMM-TL-3
func TestMetricsAreKeptAsEvidence(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Measured("auth", "app_response_time", metric.Gauge, 1, 1, 6, 6, 6)
		w.Confirm("ana")
		n := w.Number()
		w.After(59 * time.Minute)
		w.Probed()
		if all, err := w.Vault().List(t.Context(), w.As("ana"), n); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
		w.After(10 * time.Minute)
		w.Probed()
		w.Probed()
		all, err := w.Vault().List(t.Context(), w.As("ana"), n)
		w.Tried(err)
		if len(all) != 1 || !strings.HasPrefix(all[0].Name, "metrics-INC-") || all[0].By != "allclear" {
			t.Fatalf("%+v", all)
		}
		_, r, err := w.Vault().Open(t.Context(), w.As("ana"), all[0].ID, w.Now())
		w.Tried(err)
		text, err := io.ReadAll(r)
		w.Tried(err)
		if !strings.Contains(string(text), `"Limit": 5`) || !strings.Contains(string(text), `"Value": 6`) {
			t.Errorf("%.400s", text)
		}
	})
}

// Who may not know of a restricted incident finds nothing of it here, and cannot
// tell it from one that is not there.
//
// Clauses: SEC-BR-FORENSIC. Reading 18
func TestRestrictedInquiriesStayInTheirCircle(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		n := w.Declare(story.Declaration{Severity: P1, Flags: []string{"restricted", "security"}})
		f, v, ctx := w.Inquiry(), w.Vault(), t.Context()
		h, err := f.Suppose(ctx, w.As("ana"), n, inquiry.Hypothesis{Text: "A stolen key"}, w.Now())
		w.Tried(err)
		file, err := v.Add(ctx, w.As("ana"), n, vault.NewFile{Name: "disk.img"}, strings.NewReader("bytes"), w.Now())
		w.Tried(err)
		out := w.As("outsider")
		_, absent := f.Read(ctx, out, 999_999, w.Now())
		for what, err := range map[string]error{
			"read":    second(f.Read(ctx, out, n, w.Now())),
			"changes": second(f.Changes(ctx, out, n, w.Now())),
			"triage":  second(f.Triage(ctx, out, n, w.Now())),
			"similar": second(f.Similar(ctx, out, n, w.Now())),
			"add":     second(f.Suppose(ctx, out, n, inquiry.Hypothesis{Text: "x"}, w.Now())),
			"judge":   second(f.Judge(ctx, out, h.ID, inquiry.Confirmed, inquiry.Proof{Text: "x"}, w.Now())),
			"files":   second(v.List(ctx, out, n)),
			"upload":  second(v.Add(ctx, out, n, vault.NewFile{Name: "x"}, strings.NewReader("x"), w.Now())),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, absent: %v", what, err, absent)
			}
		}
		if _, _, err := v.Open(ctx, out, file.ID, w.Now()); !fault.Is(err, fault.NotFound) {
			t.Errorf("download: %v", err)
		}
		for _, k := range []event.Kind{event.HypothesisSet, event.EvidenceAdded} {
			for _, e := range w.Entries(k).List {
				if !e.Restricted {
					t.Errorf("%s is there for everybody", k)
				}
			}
		}
		_, err = f.Inform(ctx, w.As("ana"), n, inquiry.Update{Text: "The key was used from abroad"}, w.Now())
		w.Tried(err)
		for _, e := range w.Entries(event.NoticeWanted).List {
			if strings.Contains(e.Data.Text, "abroad") {
				t.Errorf("the notice tells: %+v", e.Data)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
