package plugtest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
)

// SourceCase describes a source for Source.
type SourceCase struct {
	Open    plug.Plugin
	Calls   []plug.Inbound // calls it takes, one of each shape; Now and ID are filled in
	Signed  bool           // it asks for proof where the hook has a secret
	Partial bool           // it takes the rest of a payload when one item is no use
}

// When is the time of every call.
var when = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

// Source proves that a source keeps its contract: it parses what it should to
// signals that intake can store, gives the same for the same, leaves the bytes
// alone, refuses a body cut off anywhere as fault.Invalid without a panic, and
// asks for proof when a secret is set.
func Source(t *testing.T, c SourceCase) {
	t.Helper()
	v, err := c.Open.Open(plug.Config{})
	if err != nil {
		t.Fatal(err)
	}
	src, ok := v.(plug.Source)
	if !ok {
		t.Fatalf("%s is no source", c.Open.Manifest.Name)
	}
	if c.Open.Manifest.Source == "" || len(c.Calls) == 0 {
		t.Fatal("the manifest names no source, or there are no calls")
	}
	if sample := c.Open.Manifest.Sample; sample != "" {
		c.Calls = append(slices.Clip(c.Calls), plug.Inbound{Body: []byte(sample)})
	}
	for i, in := range c.Calls {
		in.Now, in.ID = when, "unique-to-this-call"
		accepts(t, i, src, in)
		cuts(t, i, src, in)
		if c.Signed {
			asksForProof(t, i, src, in)
		}
	}
}

// One is the signal of a call that carries one.
func One(t testing.TB, src plug.Source, in plug.Inbound) alert.Signal {
	t.Helper()
	got, err := src.Parse(in)
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%s: %+v %v", in.Body, got, err)
	}
	return got.Signals[0]
}

func accepts(t *testing.T, i int, src plug.Source, in plug.Inbound) {
	t.Helper()
	before := bytes.Clone(in.Body)
	got, err := src.Parse(in)
	if err != nil {
		t.Errorf("call %d: %v %+v", i, err, fault.KindOf(err))
		return
	}
	if len(got.Signals)+len(got.Changes)+len(got.Tickets) == 0 {
		t.Errorf("call %d: nothing came of it", i)
	}
	CheckReceived(t, got)
	again, err := src.Parse(in)
	if err != nil || !reflect.DeepEqual(got, again) {
		t.Errorf("call %d: the same call gave\n%+v\nand then %v\n%+v", i, got, err, again)
	}
	if !bytes.Equal(before, in.Body) {
		t.Errorf("call %d: the body was changed", i)
	}
}

// cuts parses every beginning of a JSON body: none of them is a document.
func cuts(t *testing.T, i int, src plug.Source, in plug.Inbound) {
	t.Helper()
	body := bytes.TrimSpace(in.Body)
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return
	}
	for n := range body {
		in.Body = body[:n]
		if _, err := src.Parse(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("call %d cut off after %d bytes: got %v, want a refusal", i, n, err)
			return
		}
	}
}

func asksForProof(t *testing.T, i int, src plug.Source, in plug.Inbound) {
	t.Helper()
	in.Secret = secret.String("a-secret-nobody-was-told")
	if _, err := src.Parse(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("call %d without proof of the secret: got %v", i, err)
	}
	in.Header = in.Header.Clone()
	if in.Header == nil {
		in.Header = map[string][]string{}
	}
	for _, h := range []string{"Authorization", "X-Hub-Signature-256", "X-Allclear-Signature", "Signature", "X-Signature"} {
		in.Header.Set(h, "Bearer wrong")
	}
	if _, err := src.Parse(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("call %d with a forged proof: got %v", i, err)
	}
}

// CheckReceived proves that intake can store what a source made: keys within
// limits, texts that every text column takes, words and times of our own, and
// JSON that can be written again.
func CheckReceived(t testing.TB, got plug.Received) {
	t.Helper()
	for i := range got.Signals {
		s := &got.Signals[i]
		switch s.Action {
		case alert.Trigger, alert.Acknowledge, alert.Resolve:
		default:
			t.Errorf("signal %d: action %q", i, s.Action)
		}
		switch s.Severity {
		case "", "critical", "error", "warning", "info":
		default:
			t.Errorf("signal %d: severity %q", i, s.Severity)
		}
		if s.Source == "" || s.DedupKey == "" || plug.TooLong(s.DedupKey, plug.MaxDedup) {
			t.Errorf("signal %d of %q: key %q", i, s.Source, s.DedupKey)
		}
		if s.Action == alert.Trigger && s.Summary == "" {
			t.Errorf("signal %d: a trigger without a summary", i)
		}
		checkText(t, i, s.DedupKey, plug.MaxDedup)
		checkText(t, i, s.Summary, plug.MaxSummary)
		for _, w := range []string{s.Origin, s.Component, s.Group, s.Class, s.Client} {
			checkText(t, i, w, plug.MaxWord)
		}
		for k, v := range s.Labels {
			checkText(t, i, k, len(k))
			checkText(t, i, v, len(v))
		}
		checkTimes(t, i, s.StartedAt, s.EndsAt)
		checkJSON(t, i, s)
	}
	for i := range got.Tickets {
		r := &got.Tickets[i]
		if r.Source == "" || r.ExternalID == "" {
			t.Errorf("ticket %d: source %q, id %q", i, r.Source, r.ExternalID)
		}
		for _, w := range slices.Concat([]string{r.ExternalID, r.Event, r.Status, r.Priority, r.Name, r.Email}, r.Tags, r.Customer) {
			checkText(t, i, w, ticket.MaxWord)
		}
		checkText(t, i, r.Subject, ticket.MaxSubject)
		checkText(t, i, r.Text, ticket.MaxText)
		checkText(t, i, r.Comment, ticket.MaxText)
	}
	for i := range got.Changes {
		c := &got.Changes[i]
		if c.Source == "" || c.Summary == "" {
			t.Errorf("change %d: %+v", i, c)
		}
		checkText(t, i, c.Summary, plug.MaxSummary)
		checkTimes(t, i, c.At)
		checkJSON(t, i, c)
	}
}

func checkText(t testing.TB, i int, text string, limit int) {
	t.Helper()
	if !utf8.ValidString(text) || strings.Contains(text, "\x00") || plug.TooLong(text, limit) {
		t.Errorf("item %d: text that cannot be stored: %.200q", i, text)
	}
}

func checkTimes(t testing.TB, i int, times ...time.Time) {
	t.Helper()
	for _, at := range times {
		if !at.IsZero() && (at.Location() != time.UTC || at.Year() < 1 || at.Year() > 9999) {
			t.Errorf("item %d: time %v", i, at)
		}
	}
}

func checkJSON(t testing.TB, i int, v any) {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Errorf("item %d cannot be written: %v", i, err)
		return
	}
	var back any
	if err := json.Unmarshal(doc, &back); err != nil {
		t.Errorf("item %d cannot be read again: %v", i, err)
	}
}
