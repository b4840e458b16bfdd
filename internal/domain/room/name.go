package room

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"allclear/internal/domain/incident"
)

// maxName is the longest name of a channel in Slack; other vendors cut it further.
const maxName = 80

// Name is what an incident's channel is called: inc-20260302-042-sign-in-fails. That
// of a restricted incident says nothing of what it is about.
func Name(inc *incident.Incident, at time.Time) string {
	name := fmt.Sprintf("inc-%s-%03d", at.UTC().Format("20060102"), inc.Number)
	if inc.Restricted {
		return name
	}
	if slug := Slug(inc.Title, maxName-len(name)-1); slug != "" {
		name += "-" + slug
	}
	return name
}

// plain are letters that have a plain form; what is not here and not plain is left
// out.
var plain = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "ë", "e", "á", "a", "à", "a", "â", "a", "ã", "a", "å", "a",
	"í", "i", "ì", "i", "î", "i", "ï", "i", "ó", "o", "ò", "o", "ô", "o", "õ", "o", "ø", "o", "ú", "u", "ù", "u", "û", "u", "ç", "c", "ñ", "n", "æ", "ae", "œ", "oe",
)

// Slug makes a title fit for a name: lower case letters, digits and single hyphens,
// cut at a word.
func Slug(title string, limit int) string {
	var b strings.Builder
	gap := false
	for _, r := range plain.Replace(strings.ToLower(title)) {
		if r > unicode.MaxASCII || !unicode.IsLower(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	s := b.String()
	const words = 40 // longer ones are cut off in every list of channels
	if limit = min(limit, words); len(s) <= limit {
		return s
	}
	if limit <= 0 {
		return ""
	}
	cut := s[:limit]
	if i := strings.LastIndexByte(cut, '-'); i > 0 && s[limit] != '-' {
		cut = cut[:i]
	}
	return strings.Trim(cut, "-")
}
