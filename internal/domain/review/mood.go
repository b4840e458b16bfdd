package review

import (
	"strings"
	"time"
	"unicode"

	"allclear/internal/domain/incident"
)

// Said is something that was said of us from outside.
type Said struct {
	At   time.Time
	Kind string // ticket, mention or feedback
	Text string
}

// Mood is how people spoke in a stretch: from -1, all complaint, to 1, all praise.
type Mood struct {
	Tickets  int
	Mentions int
	Feedback int
	Judged   int     // of them, that carry a word of the lexicon
	Score    float64 // mean of those; 0 when there are none
}

// Moods is how people spoke in the time before, during and after the impact; before
// and after are as long as it lasted, and a day at least (PIR-IMM-IMP-4).
type Moods struct{ Before, During, After Mood }

// MoodSpan is how long before and after the impact is listened to.
func MoodSpan(in incident.Span) time.Duration { return max(in.Until.Sub(in.From), 24*time.Hour) }

// Listen sorts what was said and judges it.
func Listen(all []Said, in incident.Span) (m Moods) {
	span := MoodSpan(in)
	for _, s := range all {
		to := &m.During
		switch {
		case s.At.Before(in.From.Add(-span)) || s.At.After(in.Until.Add(span)):
			continue
		case s.At.Before(in.From):
			to = &m.Before
		case s.At.After(in.Until):
			to = &m.After
		}
		switch s.Kind {
		case "ticket":
			to.Tickets++
		case "mention":
			to.Mentions++
		default:
			to.Feedback++
		}
		if score, ok := Sentiment(s.Text); ok {
			to.Judged++
			to.Score += (score - to.Score) / float64(to.Judged)
		}
	}
	return m
}

// lexicon is a small one: words that weigh on the mood of a text.
var lexicon = map[string]float64{
	"down": -2, "outage": -3, "broken": -2, "fails": -2, "failed": -2, "failing": -2, "failure": -2, "error": -1, "errors": -1, "slow": -1, "unusable": -3,
	"unavailable": -2, "unacceptable": -3, "terrible": -3, "awful": -3, "horrible": -3, "worst": -3, "bad": -2, "poor": -2, "angry": -3, "furious": -3,
	"frustrated": -2, "frustrating": -2, "disappointed": -2, "disappointing": -2, "useless": -3, "lost": -2, "losing": -2, "cancel": -2, "cancelling": -2,
	"refund": -2, "again": -1, "still": -1, "urgent": -1, "crash": -2, "crashes": -2, "crashed": -2, "bug": -1, "problem": -1, "problems": -1, "issue": -1,
	"issues": -1, "complaint": -2, "hate": -3, "never": -1, "waiting": -1, "stuck": -2, "timeout": -1, "unreliable": -3, "ridiculous": -3, "joke": -2,
	"thanks": 2, "thank": 2, "great": 3, "good": 2, "excellent": 3, "love": 3, "happy": 2, "fast": 2, "quick": 2, "quickly": 2, "resolved": 2, "fixed": 2,
	"works": 2, "working": 2, "recovered": 2, "helpful": 2, "impressed": 3, "awesome": 3, "perfect": 3, "reliable": 2, "transparent": 2, "pleased": 2,
	"appreciate": 2, "appreciated": 2, "nice": 2, "solid": 2, "better": 1, "best": 3,
}

var negations = map[string]bool{"not": true, "no": true, "never": true, "isn't": true, "doesn't": true, "don't": true, "wasn't": true, "can't": true, "cannot": true, "won't": true, "hardly": true}

// Sentiment judges a text by the words it uses, from -1 to 1; false when it uses none
// that are known. A negation up to two words before turns a word of praise round; of
// a complaint it takes the weight away.
func Sentiment(text string) (score float64, ok bool) {
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	var sum, weight float64
	for i, w := range words {
		v, known := lexicon[w]
		if !known {
			continue
		}
		for k := max(0, i-2); k < i; k++ {
			if negations[words[k]] {
				v = min(-v, 0)
				break
			}
		}
		ok = true
		sum += v
		weight += max(v, -v)
	}
	if weight == 0 {
		return 0, ok
	}
	return sum / weight, true
}
