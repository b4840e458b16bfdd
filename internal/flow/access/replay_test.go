package access

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
)

func TestClaimsAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		claim, before, err := w.a.Begin(ctx, start, "k", "r")
		if err != nil || claim == nil || before != nil {
			t.Fatalf("first: %v, %v, %v", claim, before, err)
		}
		if _, _, err := w.a.Begin(ctx, start.Add(time.Second), "k", "r"); !fault.Is(err, fault.Conflict) {
			t.Errorf("while at work: %v", err)
		}
		want := Answer{Status: 201, Headers: map[string]string{"ETag": `"x"`}, Body: "{\"a\":1}\n"}
		if err := w.a.Finish(ctx, claim, want); err != nil {
			t.Fatal(err)
		}
		_, got, err := w.a.Begin(ctx, start.Add(time.Hour), "k", "r")
		if err != nil || got == nil || got.Status != 201 || got.Body != want.Body || got.Headers["ETag"] != `"x"` {
			t.Errorf("again: %+v, %v", got, err)
		}
		if _, _, err := w.a.Begin(ctx, start.Add(time.Hour), "k", "other"); !fault.Is(err, fault.Invalid) {
			t.Errorf("for another request: %v", err)
		}
		if err := w.a.Tick(ctx, start.Add(keepAnswers)); err != nil {
			t.Fatal(err)
		}
		if claim, _, err := w.a.Begin(ctx, start.Add(keepAnswers), "k", "other"); err != nil || claim == nil {
			t.Errorf("after a day: %v, %v", claim, err)
		}
	})
}

// What a process left behind that died at work is taken over, and its late
// answer does not count.
func TestAbandonedClaimsAreTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		dead, _, err := w.a.Begin(ctx, start, "k", "r")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.a.Begin(ctx, start.Add(abandoned-time.Second), "k", "r"); !fault.Is(err, fault.Conflict) {
			t.Errorf("too early: %v", err)
		}
		next, _, err := w.a.Begin(ctx, start.Add(abandoned), "k", "r")
		if err != nil || next == nil {
			t.Fatalf("taken over: %v, %v", next, err)
		}
		if err := w.a.Finish(ctx, dead, Answer{Status: 200, Body: "late"}); err != nil {
			t.Fatal(err)
		}
		if err := w.a.Finish(ctx, next, Answer{Status: 200, Body: "right"}); err != nil {
			t.Fatal(err)
		}
		if _, got, err := w.a.Begin(ctx, start.Add(abandoned), "k", "r"); err != nil || got.Body != "right" {
			t.Errorf("kept: %+v, %v", got, err)
		}
	})
}

func TestAbandonFreesTheKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		claim, _, err := w.a.Begin(t.Context(), start, "k", "r")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.a.Abandon(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		if claim, _, err := w.a.Begin(t.Context(), start, "k", "r"); err != nil || claim == nil {
			t.Errorf("after giving up: %v, %v", claim, err)
		}
	})
}
