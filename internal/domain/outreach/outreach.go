// Package outreach owns what people do by hand to tell somebody outside: the call of
// an account, a post where no integration posts, a talk with a journalist or an
// analyst, each with its outcome. It must not send anything.
package outreach

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
)

// Kind is what sort of contact it is.
type Kind string

// The kinds of contact.
const (
	Account Kind = "account" // a customer's account is called (COM-CUST-VIP)
	Post    Kind = "post"    // a text is posted by hand (COM-PUB-FORUM)
	Press   Kind = "press"   // somebody of the press asked, or was told (COM-PUB-PRESS)
	Analyst Kind = "analyst" // an analyst is briefed (COM-PUB-ANALYST)
)

// The outcomes of a try. The first five end the contact, see Ends.
const (
	Reached     = "reached"
	LeftMessage = "left_message"
	Posted      = "posted"     // with the address of the post
	NotNeeded   = "not_needed" // with the reason
	Ended       = "ended"      // its task was ended
	NoAnswer    = "no_answer"
	FollowUp    = "follow_up" // reached, and something is still to come
)

// Ends reports whether nothing more is to be done after the outcome.
func Ends(outcome string) bool {
	return slices.Contains([]string{Reached, LeftMessage, Posted, NotNeeded, Ended}, outcome)
}

// outcomes that a person can write down, by kind.
var outcomes = map[Kind][]string{
	Account: {Reached, LeftMessage, NoAnswer, FollowUp, NotNeeded},
	Post:    {Posted, NotNeeded},
	Press:   {Reached, LeftMessage, NoAnswer, FollowUp, NotNeeded},
	Analyst: {Reached, LeftMessage, NoAnswer, FollowUp, NotNeeded},
}

// Limits on what is written down.
const (
	MaxNote  = 4000
	maxName  = 200
	maxTries = 100
)

// Contact is one party outside whom a person tells.
type Contact struct {
	ID       ident.ID  `json:"-"`
	Incident ident.ID  `json:"-"`
	Task     ident.ID  `json:"-"` // the duty it belongs to; zero: none
	Owner    string    `json:"-"` // person id of the account manager, or a target
	Done     bool      `json:"-"`
	DueAt    time.Time `json:"-"` // zero: no time box
	Kind     Kind      `json:"kind"`
	List     string    `json:"list"`             // the rule that asked for it, or the message that is to be posted
	Party    string    `json:"party"`            // customer id, channel, outlet or firm
	Name     string    `json:"name"`             // of the party, for people
	Person   string    `json:"person,omitempty"` // whom to ask for
	Phone    string    `json:"phone,omitempty"`  // E.164
	Email    string    `json:"email,omitempty"`
	Script   string    `json:"script,omitempty"` // what to say, or the text to post
	Clauses  []string  `json:"clauses,omitempty"`
	OpenedAt time.Time `json:"opened_at"`
	DoneAt   time.Time `json:"done_at,omitzero"`
	Tries    []Try     `json:"tries,omitempty"`
}

// Try is what came of one attempt.
type Try struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Outcome string    `json:"outcome"`
	Note    string    `json:"note,omitempty"`
	URL     string    `json:"url,omitempty"` // where the post stands
}

// Record writes a try down. It refuses what does not fit with fault.Invalid, and what
// is done with fault.Conflict.
func (c *Contact) Record(t Try) error {
	switch {
	case c.Done:
		return fault.New(fault.Conflict, "this contact is done: %s", c.Last().Outcome)
	case !slices.Contains(outcomes[c.Kind], t.Outcome):
		return fault.New(fault.Invalid, "outcome %q does not fit", t.Outcome).With("outcome", "use "+strings.Join(outcomes[c.Kind], ", "))
	case len(c.Tries) >= maxTries:
		return fault.New(fault.Invalid, "there are %d tries already", maxTries).With("outcome", "end it as not_needed, with the reason")
	case utf8.RuneCountInString(t.Note) > MaxNote:
		return fault.New(fault.Invalid, "the note is longer than %d characters", MaxNote).With("note", "write less")
	case (t.Outcome == NotNeeded || t.Outcome == FollowUp) && strings.TrimSpace(t.Note) == "":
		return fault.New(fault.Invalid, "%s needs a note", strings.ReplaceAll(t.Outcome, "_", " ")).With("note", "say why, or what is still to come")
	case t.Outcome == Posted || t.URL != "":
		if err := CheckURL(t.URL); err != nil {
			return err
		}
	}
	c.Tries = append(c.Tries, t)
	if Ends(t.Outcome) {
		c.Done, c.DoneAt = true, t.At
	}
	return nil
}

// End ends the contact because its task has.
func (c *Contact) End(by, why string, now time.Time) {
	c.Tries = append(c.Tries, Try{At: now, By: by, Outcome: Ended, Note: why})
	c.Done, c.DoneAt = true, now
}

// Last is the latest try; the zero value before the first.
func (c *Contact) Last() Try {
	if len(c.Tries) == 0 {
		return Try{}
	}
	return c.Tries[len(c.Tries)-1]
}

// Late reports whether the contact was or is past its time box at now.
func (c *Contact) Late(now time.Time) bool {
	if c.Done {
		now = c.DoneAt
	}
	return !c.DueAt.IsZero() && now.After(c.DueAt)
}

// CheckURL refuses what is no address of a page; it is shown as a link.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(text) > 2048 {
		return fault.New(fault.Invalid, "%q is not the address of a page", text).With("url", "copy it from the browser, such as https://community.example.com/t/42")
	}
	return nil
}

// Check refuses a contact that a person adds and that names nobody.
func (c *Contact) Check() error {
	switch {
	case c.Kind != Press && c.Kind != Analyst:
		return fault.New(fault.Invalid, "kind %q cannot be added", c.Kind).With("kind", "use press or analyst; accounts and posts are listed by the procedure")
	case strings.TrimSpace(c.Name) == "" || utf8.RuneCountInString(c.Name) > maxName || strings.ContainsAny(c.Name, "\r\n"):
		return fault.New(fault.Invalid, "the name is missing, or no short line").With("name", "give the outlet or the firm")
	case utf8.RuneCountInString(c.Person) > maxName || len(c.Phone) > 40 || len(c.Email) > 254:
		return fault.New(fault.Invalid, "the contact is too long").With("person", "give a name, a phone number and a mail address")
	case utf8.RuneCountInString(c.Script) > MaxNote:
		return fault.New(fault.Invalid, "the question is longer than %d characters", MaxNote).With("about", "write less")
	}
	return nil
}

// Belongs reports whether an affected customer is of the sort that a duty per account
// counts (procedure.Pers).
func Belongs(per string, k *catalog.Customer) bool {
	switch per {
	case "enterprise_account":
		return k.Tier == catalog.Enterprise
	case "vip_account":
		return k.VIP
	case "major_account":
		return k.MajorAccount
	}
	return per == "account"
}

// Percent of so many that are done, rounded down; 100 of none.
func Percent(done, all int) int {
	if all == 0 {
		return 100
	}
	return done * 100 / all
}
