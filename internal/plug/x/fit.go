package x

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"allclear/internal/plug"
)

// What a post may have, by X's own weighing (https://docs.x.com/fundamentals/counting-characters):
// most letters of Latin scripts weigh one, the others two, and a link 23 whatever
// its length.
const (
	limit = 280
	link  = 23
)

var links = regexp.MustCompile(`https?://\S+`)

// weight is what the text weighs.
func weight(s string) int {
	n := link * len(links.FindAllString(s, -1))
	for _, r := range links.ReplaceAllString(s, "") {
		n += weigh(r)
	}
	return n
}

func weigh(r rune) int {
	if r <= 0x10ff || r >= 0x2000 && r <= 0x200d || r >= 0x2010 && r <= 0x201f || r >= 0x2032 && r <= 0x2037 {
		return 1
	}
	return 2
}

// fit cuts a message to what a post may have. A link at its end is what readers
// need most: the words before it give way.
func fit(m plug.Message) string {
	text := strings.TrimSpace(m.Text)
	if text == "" {
		text = strings.TrimSpace(m.Subject)
	}
	if weight(text) <= limit {
		return text
	}
	tail := ""
	if k := strings.LastIndexAny(text, " \n\t"); k >= 0 && links.FindString(text[k+1:]) == text[k+1:] {
		text, tail = strings.TrimSpace(text[:k]), "\n"+text[k+1:]
	}
	const more = "…"
	for weight(text)+weight(more)+weight(tail) > limit && text != "" {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimRight(text, " \n\t,;:-") + more + tail
}
