// Package mention owns what is made of the words of strangers: whether they are
// about us, whether they complain, and when many complain at once (CRI-SOC-*). The
// score is a hint for whoever reads the list; it must not decide how bad an
// incident is.
package mention

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Word is a word or phrase, and how much it speaks for a complaint.
type Word struct {
	Text   string
	Weight int
}

// ComplaintAt is the score from which a text is a complaint.
const ComplaintAt = 2

// Words are those the product knows, of trouble and of its contrary.
var Words = []Word{
	{"down", 2},
	{"outage", 3},
	{"offline", 2},
	{"unavailable", 3},
	{"unreachable", 3},
	{"not working", 3},
	{"doesn't work", 3},
	{"does not work", 3},
	{"stopped working", 3},
	{"isn't working", 3},
	{"won't load", 3},
	{"not loading", 3},
	{"broken", 2},
	{"unusable", 3},
	{"can't log in", 3},
	{"cannot log in", 3},
	{"can't login", 3},
	{"cannot login", 3},
	{"can't access", 3},
	{"cannot access", 3},
	{"locked out", 3},
	{"crash", 2},
	{"crashed", 2},
	{"crashes", 2},
	{"crashing", 2},
	{"error", 1},
	{"errors", 1},
	{"failing", 2},
	{"failed", 1},
	{"timeout", 1},
	{"timing out", 2},
	{"slow", 1},
	{"lost data", 3},
	{"data loss", 3},
	{"hacked", 3},
	{"breach", 3},
	{"terrible", 2},
	{"awful", 2},
	{"horrible", 2},
	{"worst", 2},
	{"unacceptable", 2},
	{"disappointed", 2},
	{"disappointing", 2},
	{"useless", 2},
	{"refund", 1},
	{"again", 1},
	{"bad", 1},
	{"not down", -3},
	{"works again", -3},
	{"working again", -3},
	{"back online", -4},
	{"is back", -2},
	{"back up", -3},
	{"works great", -3},
	{"love", -2},
	{"great", -1},
	{"excellent", -2},
	{"thanks", -1},
	{"no errors", -2},
	{"never down", -3},
	{"zero downtime", -2},
	{"resolved", -2},
	{"fixed", -2},
}

// spaced is a text's words in lower case, each between two spaces. A phrase is
// found in it as a whole, whatever stands between its words: "can't" and "can t"
// are the same.
func spaced(s string) string {
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(s, "\u2019", "'")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}

func has(text, word string) bool {
	w := spaced(word)
	return strings.TrimSpace(w) != "" && strings.Contains(text, w)
}

// About reports whether the text has one of the keywords as a whole word; without
// keywords everything is about us.
func About(text string, keywords []string) bool {
	t := spaced(text)
	return len(keywords) == 0 || slices.ContainsFunc(keywords, func(k string) bool { return has(t, k) })
}

// Score sums the weights of the words that stand in the text, each once, and lists
// those that speak for a complaint. Own words go before those the product knows.
func Score(text string, own []Word) (score int, found []string) {
	t := spaced(text)
	seen := map[string]bool{}
	for _, list := range [][]Word{own, Words} {
		for _, w := range list {
			key := spaced(w.Text)
			if seen[key] || !has(t, w.Text) {
				continue
			}
			seen[key] = true
			score += w.Weight
			if w.Weight > 0 {
				found = append(found, w.Text)
			}
		}
	}
	return score, found
}

// Seen is a complaint at its time; Fresh says that it was not known before.
type Seen struct {
	At    time.Time
	Fresh bool
}

// Spike finds n complaints within a time of each other of which one at least is
// fresh, and returns which they are: from i up to, not including, j of the list,
// which is in order of time. The fullest such window is returned, of two the later.
func Spike(all []Seen, n int, within time.Duration) (i, j int, ok bool) {
	from := 0
	for to := range all {
		for all[to].At.Sub(all[from].At) > within {
			from++
		}
		size := to + 1 - from
		if size >= n && size >= j-i && slices.ContainsFunc(all[from:to+1], func(s Seen) bool { return s.Fresh }) {
			i, j, ok = from, to+1, true
		}
	}
	return i, j, ok
}
