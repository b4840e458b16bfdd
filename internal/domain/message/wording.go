package message

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Known are the words that the text of a message may name as {{word}}. All but
// name are filled in when it is written, so that an approval is of the final words.
var Known = []string{"name", "service", "status", "started", "ended", "duration", "story"}

var placed = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// Fill puts the words into a text; {{name}} stays for each reader.
func Fill(text string, words map[string]string) string {
	return placed.ReplaceAllStringFunc(text, func(p string) string {
		w, ok := words[strings.TrimSpace(p[2:len(p)-2])]
		if !ok {
			return p
		}
		return w
	})
}

// checkWords refuses a text that names what nobody can fill in, with its place:
// readers would see the braces.
func checkWords(field, text string) error {
	for _, at := range placed.FindAllStringSubmatchIndex(text, -1) {
		if word := text[at[2]:at[3]]; !slices.Contains(Known, word) {
			return fault.New(fault.Invalid, "the %s names {{%s}}, which nobody can fill in", field, word).
				With(field, fmt.Sprintf("%s: use one of {{%s}}, or write it out", place(text, at[0]), strings.Join(Known, "}}, {{")))
		}
	}
	rest := placed.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	if at := strings.Index(rest, "{{"); at >= 0 {
		return fault.New(fault.Invalid, "the %s has {{ without }}", field).With(field, place(text, at)+": close it, or take it out")
	}
	return nil
}

func place(text string, at int) string {
	line := strings.Count(text[:at], "\n")
	return fmt.Sprintf("line %d, column %d", line+1, len([]rune(text[strings.LastIndexByte(text[:at], '\n')+1:at]))+1)
}

// Unfinished is what stands in a draft where a person has to write.
const Unfinished = "(to be written)"

// Finished refuses a text with parts that nobody has written yet.
func (c Content) Finished() error {
	if at := strings.Index(c.Text, Unfinished); at >= 0 {
		return fault.New(fault.Refused, "the text is not finished").With("text", place(c.Text, at)+": write what stands there as "+Unfinished)
	}
	return nil
}

// Words is the text as one reader gets it, see Named; a correction says first
// which message it is about.
func (m *Message) Words(name string) string {
	text := Named(m.Text, name)
	if m.Corrects == "" {
		return text
	}
	at := m.CorrectsAt.UTC().Format("15:04 UTC, 2 January 2006")
	if m.Retracts {
		return "We withdraw what we wrote at " + at + ".\n\n" + text
	}
	return "Correction of what we wrote at " + at + ":\n\n" + text
}

// Headed is a subject that says what the message is.
func (m *Message) Headed(subject string) string {
	switch {
	case m.Corrects == "" || subject == "":
		return subject
	case m.Retracts:
		return "Withdrawn: " + subject
	}
	return "Correction: " + subject
}

// Overtaken reports whether what the message says of the incident is older than
// what another one told after this one was written, on a channel of both.
func (m *Message) Overtaken(by *Message) bool {
	if by.ID == m.ID || by.State != Published || !by.PublishedAt.After(m.CreatedAt) || stage(m.Status) == 0 {
		return false
	}
	return stage(by.Status) > stage(m.Status) && slices.ContainsFunc(m.Channels, by.Has)
}

func stage(word string) int {
	return slices.Index([]string{"", "investigating", "identified", "monitoring", "resolved", "postmortem"}, word)
}

// maxWait is how far ahead a message can be scheduled.
const maxWait = 90 * 24 * time.Hour

// Schedule has the message go out by itself at an instant, if it is approved by
// then; the zero instant takes the wish back. The text stays open to changes.
func (m *Message) Schedule(at time.Time, by string, now time.Time) error {
	switch {
	case !m.Waiting():
		return fault.New(fault.Conflict, "the message is %s already", m.State)
	case at.IsZero():
		by = ""
	case !at.After(now) || at.Sub(now) > maxWait:
		return fault.New(fault.Invalid, "the time is past, or more than 90 days ahead").With("at", "give an instant to come, such as "+now.Add(time.Hour).UTC().Format(time.RFC3339))
	}
	m.PublishAt, m.ScheduledBy = at, by
	return nil
}

// Lasting says how long something took, in words for readers outside.
func Lasting(d time.Duration) string {
	d = d.Round(time.Minute)
	h, min := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h > 0 && min > 0:
		return plural(h, "hour") + " and " + plural(min, "minute")
	case h > 0:
		return plural(h, "hour")
	}
	return plural(max(min, 1), "minute")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
