package absence

import (
	"slices"
	"strings"
	"unicode"
)

// awayWords in a title or category make an event of some hours an absence, where
// nothing else says that it is one. Google marks nothing in its files, so its
// "Out of office" is known by its title alone.
var awayWords = []string{"out of office", "ooo", "vacation", "on holiday", "annual leave", "parental leave", "maternity leave", "paternity leave", "sick leave", "pto", "urlaub", "abwesend", "abwesenheit"}

// counts reports whether the event means that its owner is away: it is neither
// cancelled nor free time, and has one of the wanted words; without wanted
// words it is out-of-office time or lasts whole days.
func (x *reading) counts(ps properties, wholeDay bool) bool {
	busy := strings.ToLower(ps.text("X-MICROSOFT-CDO-BUSYSTATUS"))
	if strings.EqualFold(ps.text("STATUS"), "CANCELLED") || strings.EqualFold(ps.text("TRANSP"), "TRANSPARENT") ||
		slices.Contains([]string{"free", "tentative", "workingelsewhere"}, busy) {
		return false
	}
	var titles []string
	for _, p := range ps {
		if p.IANAToken == "SUMMARY" || p.IANAToken == "CATEGORIES" {
			titles = append(titles, strings.ToLower(p.Value))
		}
	}
	if len(x.words) > 0 {
		return slices.ContainsFunc(x.words, func(w string) bool {
			return w == busy || slices.ContainsFunc(titles, func(t string) bool { return strings.Contains(t, w) })
		})
	}
	if wholeDay || busy == "oof" {
		return true
	}
	return slices.ContainsFunc(titles, func(t string) bool {
		t = spaced(t)
		return slices.ContainsFunc(awayWords, func(w string) bool { return strings.Contains(t, " "+w+" ") })
	})
}

// spaced leaves letters and digits, with one space around each word.
func spaced(t string) string {
	words := strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}
