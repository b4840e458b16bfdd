// Package letter owns what a mail to an emergency address says once it has been
// read: whether a machine wrote it, what makes it the same mail again, which
// incident it goes on about. It must not read bytes, and it believes nobody:
// whoever a mail names as its writer is a claim.
package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What a letter keeps; whoever reads mail cuts what is longer.
const (
	MaxSubject     = 200    // characters
	MaxText        = 8_000  // characters
	MaxAttachments = 20     // names
	MaxName        = 120    // characters of a name or address
	MaxRaw         = 64_000 // bytes
	MaxReferences  = 20
)

// Letter is one mail as people read it: decoded, in one language of characters,
// and bounded.
type Letter struct {
	From        string   // the address the mail names, in small letters; unproven
	FromName    string   // and the name beside it
	ReturnPath  string   // of the envelope; empty for bounces
	Peer        string   // the address of the machine that brought it
	To          []string // parts before the @ that it came for
	MessageID   string
	References  []string // ids of the mails it answers, without angle brackets
	Subject     string
	Text        string
	Shortened   bool     // Text was longer
	Attachments []string // names; the files are not kept
	Marks       Marks
	Raw         []byte // as it came, without its attachments
}

// Marks are the headers by which programs say that they wrote a mail.
type Marks struct {
	AutoSubmitted string
	Precedence    string
	ListID        string
}

// Automatic says why no person wants an answer to the letter; empty when one
// may. An answer to a machine's answer would never end (RFC 3834).
func (l *Letter) Automatic() string {
	auto, _, _ := strings.Cut(l.Marks.AutoSubmitted, ";")
	auto = strings.ToLower(strings.TrimSpace(auto))
	precedence := strings.ToLower(strings.TrimSpace(l.Marks.Precedence))
	switch {
	case l.ReturnPath == "":
		return "it has no return path, as bounces have none"
	case auto != "" && auto != "no":
		return "a program sent it by itself (Auto-Submitted)"
	case strings.TrimSpace(l.Marks.ListID) != "":
		return "it came over a mailing list (List-Id)"
	case precedence == "bulk" || precedence == "list" || precedence == "junk":
		return "it is mass mail (Precedence: " + precedence + ")"
	}
	return ""
}

// resend is how long a mail without an id counts as the same one.
const resend = time.Hour

// Key is what the letter is known by in a mailbox. A mail with an id is the same
// for ever, but only with the same writer and words: a device that gives all its
// mails one id must not be silenced by its first. One without an id is the same
// within about an hour: again lists the keys it may be known by already, and
// Resent judges them.
func (l *Letter) Key(mailbox string, now time.Time) (key string, again []string) {
	h := sha256.New()
	for _, s := range []string{mailbox, l.MessageID, l.From, l.Subject, l.Text, strings.Join(l.Attachments, "\x00")} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	key = "mail/" + hex.EncodeToString(h.Sum(nil)[:20])
	if l.MessageID != "" {
		return key, []string{key}
	}
	n := now.Unix() / int64(resend/time.Second)
	before := key + "/" + strconv.FormatInt(n-1, 36)
	key += "/" + strconv.FormatInt(n, 36)
	return key, []string{before, key}
}

// Resent reports whether the letter, known by one of its keys since first, came
// again.
func (l *Letter) Resent(first, now time.Time) bool {
	return l.MessageID != "" || now.Sub(first) < resend
}

// reference is how people write an incident's number.
var reference = regexp.MustCompile(`(?i)\bINC-([0-9]{1,15})\b`)

// Incident is the number of the incident that the subject names; 0 without one.
func (l *Letter) Incident() int64 {
	m := reference.FindStringSubmatch(l.Subject)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Writer names whoever the mail says wrote it, with who that would be.
func (l *Letter) Writer(claim string) string {
	who := l.From
	if who == "" {
		who = "an unknown writer"
	}
	if claim != "" {
		return who + ", who claims to be " + claim + " (not verified)"
	}
	return who + " (not verified)"
}

// Summary is the letter in one sentence.
func (l *Letter) Summary(mailbox, claim string) string {
	subject := l.Subject
	if subject == "" {
		subject = "without a subject"
	}
	return "Mail to " + mailbox + " from " + l.Writer(claim) + ": " + subject
}

// Entry is what stands on the timeline.
func (l *Letter) Entry(mailbox, claim string) string {
	var b strings.Builder
	b.WriteString(l.Summary(mailbox, claim))
	if l.Text != "" {
		b.WriteString("\n\n" + l.Text)
	}
	if l.Shortened {
		b.WriteString("\n[shortened]")
	}
	if len(l.Attachments) > 0 {
		b.WriteString("\n\nAttached, and not kept: " + strings.Join(l.Attachments, ", "))
	}
	return b.String()
}
