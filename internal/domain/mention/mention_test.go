package mention_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/domain/mention"
)

func TestWhatIsAComplaint(t *testing.T) {
	for text, want := range map[string]bool{
		"TechFlow is DOWN again!!":         true,
		"I can\u2019t log in to @techflow": true,
		"can't  log\nin":                   true,
		"an outage, and nobody answers":    true,
		"The worst support":                true,
		"slow today":                       false,
		"downloaded the new version":       false,
		"techflow is back up, thanks":      false,
		"is it down? no, it works great":   false,
		"We love it":                       false,
		"":                                 false,
		"\u0412\u0441\u0451 \u0440\u0430\u0431\u043e\u0442\u0430\u0435\u0442": false,
	} {
		score, words := mention.Score(text, nil)
		if got := score >= mention.ComplaintAt; got != want {
			t.Errorf("%q: score %d by %v", text, score, words)
		}
	}
	if score, _ := mention.Score("kaputt", []mention.Word{{Text: "kaputt", Weight: 3}}); score != 3 {
		t.Errorf("own word: %d", score)
	}
	if score, _ := mention.Score("down", []mention.Word{{Text: "down", Weight: 0}}); score != 0 {
		t.Errorf("an own word goes first: %d", score)
	}
}

func TestKeywordsAreWholeWords(t *testing.T) {
	for _, c := range []struct {
		text, word string
		want       bool
	}{{"I use TechFlow.", "techflow", true}, {"@TechFlow", "techflow", true}, {"techflows", "techflow", false}, {"tech flow", "Tech-Flow", true}, {"x", "!", false}} {
		if got := mention.About(c.text, []string{c.word}); got != c.want {
			t.Errorf("%q in %q: %v", c.word, c.text, got)
		}
	}
	if !mention.About("anything", nil) {
		t.Error("without keywords everything is about us")
	}
}

// Ten within five minutes are a spike; nine are not, and neither are ten over a
// longer time. A spike that was seen before is none.
func TestSpike(t *testing.T) {
	t0 := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	every := func(n int, d time.Duration, fresh bool) (out []mention.Seen) {
		for i := range n {
			out = append(out, mention.Seen{At: t0.Add(time.Duration(i) * d), Fresh: fresh})
		}
		return out
	}
	for name, c := range map[string]struct {
		all  []mention.Seen
		want bool
	}{
		"ten": {every(10, 33*time.Second, true), true}, "nine": {every(9, time.Second, true), false}, "slowly": {every(10, 34*time.Second, true), false},
		"known": {every(10, time.Second, false), false}, "at once": {every(10, 0, true), true}, "none": {nil, false},
	} {
		if _, _, got := mention.Spike(c.all, 10, 5*time.Minute); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSpikeIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		t0 := time.Unix(0, 0).UTC()
		var all []mention.Seen
		for _, s := range rapid.SliceOfN(rapid.IntRange(0, 3600), 0, 40).Draw(t, "seconds") {
			all = append(all, mention.Seen{At: t0.Add(time.Duration(s) * time.Second), Fresh: rapid.Bool().Draw(t, "fresh")})
		}
		slices.SortFunc(all, func(a, b mention.Seen) int { return a.At.Compare(b.At) })
		n, within := rapid.IntRange(1, 12).Draw(t, "n"), time.Duration(rapid.IntRange(60, 900).Draw(t, "within"))*time.Second
		i, j, ok := mention.Spike(all, n, within)
		best := 0 // by looking at every pair
		for a := range all {
			for b := a; b < len(all); b++ {
				if all[b].At.Sub(all[a].At) <= within && slices.ContainsFunc(all[a:b+1], func(s mention.Seen) bool { return s.Fresh }) {
					best = max(best, b+1-a)
				}
			}
		}
		if ok != (best >= n) || ok && (j-i != best || all[j-1].At.Sub(all[i].At) > within) {
			t.Fatalf("got %d..%d %v, the fullest has %d", i, j, ok, best)
		}
	})
}
