package message

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// What a post on X may have, by its own weighing
// (https://docs.x.com/fundamentals/counting-characters): most letters of Latin
// scripts weigh one, the others two, and a link 23 whatever its length.
const (
	PostLimit = 280
	PostLink  = 23
)

var links = regexp.MustCompile(`https?://\S+`)

// PostWeight is what the text weighs.
func PostWeight(s string) int {
	n := PostLink * len(links.FindAllString(s, -1))
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

// FitPost cuts a text to what a post may have. A link at its end is what readers
// need most: the words before it give way.
func FitPost(text string) string {
	text = strings.TrimSpace(text)
	if PostWeight(text) <= PostLimit {
		return text
	}
	tail := ""
	if k := strings.LastIndexAny(text, " \n\t"); k >= 0 && links.FindString(text[k+1:]) == text[k+1:] {
		text, tail = strings.TrimSpace(text[:k]), "\n"+text[k+1:]
	}
	const more = "…"
	for PostWeight(text)+PostWeight(more)+PostWeight(tail) > PostLimit && text != "" {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimRight(text, " \n\t,;:-") + more + tail
}
