package subscription

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Page is the status page a letter comes from.
type Page struct {
	ID   string
	Name string
	URL  string // public address without a trailing slash
}

// Links are what a letter carries beside its words. They are made for each send
// and stored nowhere.
type Links struct {
	Confirm string // page that shows that the address is its holder's
	Manage  string // page on which the choice is changed
	End     string // one click (RFC 8058)
	Code    string // of a text message
}

// Letter is what one subscriber is sent.
type Letter struct {
	Subject, Text string
	Headers       map[string]string
}

// maxSMS keeps a text message within three parts of GSM 03.38 or a little more.
const maxSMS = 420

// Update is the letter about a published update, in the public words alone.
func Update(w Words, p Page, n *Notice, c Channel, l Links) Letter {
	label := w.Status(n.Status)
	subject := oneLine("[" + p.Name + "] " + label + ": " + n.Name)
	link := p.URL + "/incidents/" + n.Post
	if n.Page != "" {
		link = "" // a private page is found at its own address only
	}
	if c == SMS {
		return Letter{Subject: subject, Text: short(p.Name+": "+label+" - "+oneLine(n.Name), " "+tail(link, w.SMSEnd+" "+l.Manage), maxSMS)}
	}
	var b strings.Builder
	b.WriteString(label + ": " + oneLine(n.Name) + "\n\n" + n.Body + "\n")
	if names := partNames(n); names != "" {
		b.WriteString("\n" + w.Affects + ": " + names)
	}
	if !n.From.IsZero() {
		b.WriteString("\n" + w.Window + ": " + instant(n.From) + " - " + instant(n.Until))
	}
	b.WriteString("\n" + w.Posted + ": " + instant(n.At) + "\n")
	if link != "" {
		b.WriteString("\n" + link + "\n")
	}
	b.WriteString("\n-- \n" + w.Because(p.Name) + "\n" + w.Change + ": " + l.Manage + "\n")
	return Letter{Subject: subject, Text: b.String(), Headers: listHeaders(p, l)}
}

// Ask is the letter that lets an address be confirmed.
func Ask(w Words, p Page, c Channel, l Links) Letter {
	if c == SMS {
		return Letter{Subject: w.ConfirmSubject(p.Name), Text: w.Code(p.Name, l.Code)}
	}
	return Letter{Subject: oneLine(w.ConfirmSubject(p.Name)), Text: w.Confirm(p.Name) + "\n\n" + l.Confirm + "\n\n" + w.NotYou + "\n"}
}

// Already is what somebody gets instead who is subscribed.
func Already(w Words, p Page, c Channel, l Links) Letter {
	if c == SMS {
		return Letter{Subject: w.ConfirmSubject(p.Name), Text: w.Code(p.Name, l.Code)}
	}
	return Letter{Subject: oneLine(w.ConfirmSubject(p.Name)), Text: w.Already(p.Name) + "\n\n" + l.Manage + "\n\n" + w.NotYou + "\n", Headers: listHeaders(p, l)}
}

// listHeaders let a mail program offer to unsubscribe (RFC 2369, RFC 8058).
func listHeaders(p Page, l Links) map[string]string {
	return map[string]string{
		"List-Unsubscribe":      "<" + l.End + ">",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"List-Id":               "<" + p.ID + ".status-updates.invalid>",
	}
}

func partNames(n *Notice) string {
	names := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		names[i] = p.Name
	}
	return oneLine(strings.Join(names, ", "))
}

func tail(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// short puts head and rest together and takes from the head what is too much.
func short(head, rest string, limit int) string {
	room := limit - utf8.RuneCountInString(rest)
	if rs := []rune(head); len(rs) > room {
		head = strings.TrimRight(string(rs[:max(room-1, 0)]), " ") + "…"
	}
	return head + rest
}

func instant(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// oneLine keeps a name from becoming a line, and with it a header, of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
