package plug

import (
	"strings"
	"unicode/utf16"
)

// A text message is charged and carried in segments: 153 characters of the GSM
// alphabet each, or 67 units of UTF-16 as soon as one character is outside it.
const (
	gsmSegment  = 153
	wideSegment = 67
	pageParts   = 3 // a page is read while half asleep
	maxUnits    = 1600
	postParts   = 10
)

// ShortText is a message as a text message. What it takes to answer a page stands at
// the end and is never cut.
func ShortText(m Message) string {
	head := strings.TrimSpace(m.Subject)
	body := strings.TrimSpace(m.Text)
	if head != "" && !strings.HasPrefix(body, head) {
		body = strings.TrimSpace(head + "\n" + body)
	}
	body = narrow(body)
	parts, tail := pageParts, ""
	switch m.Kind {
	case Page:
		tail = howToAnswer(m)
	case Post:
		parts = postParts
	}
	if tail == "" {
		return fit(body, "", parts)
	}
	return fit(body, "\n"+tail, parts)
}

// howToAnswer is one line for the code and one for the link.
func howToAnswer(m Message) string {
	var lines []string
	if m.Code != "" {
		line := "Reply " + m.Code + " to acknowledge"
		if m.Join {
			line = "Reply " + m.Code + " to join, NO " + m.Code + " if you cannot"
		}
		lines = append(lines, line)
	}
	if m.AckURL != "" {
		lines = append(lines, m.AckURL)
	}
	return strings.Join(lines, "\n")
}

// fit cuts the body so that it and the tail take that many segments, or the
// tail alone when that is longer.
func fit(body, tail string, parts int) string {
	room := parts * gsmSegment
	if !gsm(body + tail) {
		room = parts * wideSegment
	}
	room = min(room, maxUnits)
	if units(body)+units(tail) <= room {
		return body + tail
	}
	const cut = "..."
	var b strings.Builder
	left := room - units(tail) - len(cut)
	for _, r := range body {
		if left -= units(string(r)); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(strings.TrimRight(b.String(), " \n")+cut) + tail
}

// narrow replaces typographic characters by those of the GSM alphabet: one dash
// would more than double the price and halve the room.
func narrow(text string) string {
	return strings.NewReplacer(
		"\u2013", "-", "\u2014", "-", "\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2026", "...", "\u00a0", " ", "\u2192", "->", "\u2022", "*", "\r", "", "\t", " ",
	).Replace(text)
}

const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€" // take two places
)

func gsm(text string) bool {
	for _, r := range text {
		if !strings.ContainsRune(gsmBasic, r) && !strings.ContainsRune(gsmExtended, r) {
			return false
		}
	}
	return true
}

// units is how much room a text takes in its alphabet.
func units(text string) int {
	if !gsm(text) {
		return len(utf16.Encode([]rune(text)))
	}
	n := 0
	for _, r := range text {
		n++
		if strings.ContainsRune(gsmExtended, r) {
			n++
		}
	}
	return n
}
