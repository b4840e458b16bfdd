package inquiry

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
)

// Hops returns how far each service is from the first one along what it depends on:
// itself 0, what it depends on directly 1, and so on.
func Hops(cat *catalog.Catalog, service string) map[string]int {
	out := map[string]int{service: 0}
	for queue := []string{service}; len(queue) > 0; queue = queue[1:] {
		for _, d := range cat.DependsOn(queue[0]) {
			if _, seen := out[d]; !seen {
				out[d] = out[queue[0]] + 1
				queue = append(queue, d)
			}
		}
	}
	return out
}

// Change is something that was done to a service around an incident.
type Change struct {
	alert.Change
	Service string
	Hops    int           // from the incident's service
	Before  time.Duration // how long before the detection; negative: after it
}

// Rank puts what happened before the detection first, the nearest in time in front;
// of one instant what is nearer on the service map. What came after it follows, in
// order.
func Rank(all []Change) {
	slices.SortStableFunc(all, func(a, b Change) int {
		late, other := a.Before < 0, b.Before < 0
		switch {
		case late != other && late:
			return 1
		case late != other:
			return -1
		}
		return cmp.Or(cmp.Compare(a.Before.Abs(), b.Before.Abs()), cmp.Compare(a.Hops, b.Hops))
	})
}

// Past is an incident that is over, as a suggestion is drawn from it.
type Past struct {
	Number    int64
	Service   string
	Title     string
	Cause     string // the hypothesis that was confirmed
	Solutions []*Solution
	Reason    string // of its resolution
	At        time.Time
	Score     float64
}

// Words are the words of a text that tell it from others.
func Words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 2 && !common[w] {
			out[w] = true
		}
	}
	return out
}

var common = map[string]bool{"the": true, "and": true, "for": true, "are": true, "with": true, "from": true, "not": true, "all": true, "has": true, "was": true, "our": true, "its": true}

// Similar scores incidents that are over by the service and by the words they share
// with one that is not, and returns the best of those that have anything to teach:
// a solution that was applied or approved, a cause, or the reason of the resolution.
func Similar(hops map[string]int, text string, past []Past, limit int) []Past {
	want := Words(text)
	var out []Past
	for _, p := range past {
		shared := 0
		have := Words(p.Title + " " + p.Cause)
		for w := range want {
			if have[w] {
				shared++
			}
		}
		const same, near, perWord = 2.0, 1.0, 1.0
		score := perWord * float64(shared)
		if n, ok := hops[p.Service]; ok && n == 0 {
			score += same
		} else if ok && shared > 0 {
			score += near
		} else if shared < 2 { // another service and hardly a word: nothing alike
			continue
		}
		p.Solutions = worked(p.Solutions)
		if len(p.Solutions) == 0 && p.Cause == "" && p.Reason == "" {
			continue
		}
		if len(p.Solutions) > 0 {
			score += near
		}
		p.Score = score
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Past) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), b.At.Compare(a.At))
	})
	return out[:min(len(out), limit)]
}

// worked are the solutions that were applied, else those that were approved.
func worked(all []*Solution) (out []*Solution) {
	for _, state := range []string{Applied, Approved} {
		for _, s := range all {
			if s.State == state {
				out = append(out, s)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}
