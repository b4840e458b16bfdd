package paging

import (
	"context"
	"crypto/hmac"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/pages"
)

// Answer is what came back from a person on a channel.
type Answer struct {
	Channel     string // what it came over: sms, voice, slack ...
	From        string // the address on the channel it came from
	Token       string // names the page, where the channel has buttons
	Code        string // the digits of a text message, or the key of a keypad
	By          string // name or mail address of whoever answered; empty: the person of the page
	Unavailable bool   // to a page that asks who joins
}

// Answered names what was answered, in words that may be read in the open.
type Answered struct {
	Incident string // INC-42; empty when no page was found
	Title    string
}

// recentPages is how far back an answer is looked for: nobody answers the
// page before the last fifty.
const recentPages = 50

// Answer takes an answer that came back over a channel. The caller vouches for
// Channel and From; the code is judged here. A wrong one is fault.NotFound, one
// too many fault.Busy, and fault.Conflict says that nothing is left to answer.
func (p *Paging) Answer(ctx context.Context, a Answer, now time.Time) (done Answered, err error) {
	a.From = plainAddress(a.Channel, a.From)
	address := a.Channel + " " + a.From
	if !p.guesses.take(address, now) {
		return done, fault.New(fault.Busy, "too many wrong codes came from this number: follow the link in the page")
	}
	err = p.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		page, err := p.answeredPage(tx, a, now)
		if err != nil {
			return err
		}
		s, err := p.scene(tx, page.IncidentID, now)
		if err != nil {
			return err
		}
		done = Answered{Incident: s.inc.Ref(), Title: s.openTitle()}
		return s.take(page, s.answerer(page, a), a.Unavailable, a.Channel)
	})
	if !fault.Is(err, fault.NotFound) {
		p.guesses.giveBack(address, now) // it was right, or never judged
	}
	return done, err
}

// openTitle is what the incident may be called where anybody might read it.
func (s *scene) openTitle() string {
	if s.inc.Restricted {
		return message.RestrictedTitle
	}
	return s.inc.Title
}

// answerer is who answered. Somebody else's name counts when exactly one person
// has it; nobody is given a command over a likeness of names, so one we do not
// know stops the chain and is named after the channel. Who joins is asked of the
// person alone.
func (s *scene) answerer(page *message.Page, a Answer) string {
	if a.By == "" {
		return page.To
	}
	if id, ok := s.cat.Named(a.By); ok {
		return id
	}
	if s.asksToJoin(page) {
		return page.To
	}
	return "source:" + a.Channel
}

// take settles a page with an answer.
func (s *scene) take(page *message.Page, by string, unavailable bool, via string) error {
	if !page.Answerable() || !s.inc.Holds(procedure.Unresolved) {
		return fault.New(fault.Conflict, "this page is %s, %s is %s: nothing is left to answer", page.State, s.inc.Ref(), s.inc.Status)
	}
	outcome := "acknowledged"
	if s.asksToJoin(page) {
		outcome = "joined"
		if unavailable {
			outcome = "unavailable"
		}
	} else if unavailable {
		// Taking it for an acknowledgement would stop the chain with nobody there.
		return fault.New(fault.Invalid, "%s does not ask who joins: it waits for somebody who has it", s.inc.Ref())
	}
	return s.answered(page, by, outcome, via)
}

// answeredPage finds and locks the page an answer is for.
func (p *Paging) answeredPage(tx *store.Tx, a Answer, now time.Time) (*message.Page, error) {
	if a.Token == "" {
		return p.byAddress(tx, a, now)
	}
	id, err := p.pageOf(a.Token)
	if err != nil {
		return nil, err
	}
	page, err := p.page(tx, id)
	if err != nil || a.Code == "" {
		return page, err
	}
	if t := p.digits(page.ID); !same(a.Code, t.Code) && !same(a.Code, t.Digit) {
		return nil, wrongCode()
	}
	return page, nil
}

func wrongCode() error { return fault.New(fault.NotFound, "this code is not that of a page") }

func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// byAddress finds the newest page with the code among those of whoever has the
// address. One key of a keypad answers the newest waiting page only: nine of ten
// calls would find some page for it otherwise.
func (p *Paging) byAddress(tx *store.Tx, a Answer, now time.Time) (*message.Page, error) {
	cat, err := p.catalog(tx)
	if err != nil {
		return nil, err
	}
	people := owners(cat, a.Channel, a.From)
	if len(people) == 0 || a.Code == "" || len(p.o.AckKey) == 0 {
		return nil, wrongCode()
	}
	recent, err := pages.Recent(tx, people, recentPages)
	if err != nil {
		return nil, err
	}
	// Waiting ones first, then those that were given up, then what is over, so
	// that an answer sent twice is told so.
	slices.SortStableFunc(recent, func(x, y *message.Page) int { return standing(x) - standing(y) })
	for i, page := range recent {
		t := p.digits(page.ID)
		if same(a.Code, t.Code) || i == 0 && page.Waiting() && same(a.Code, t.Digit) {
			return p.page(tx, page.ID)
		}
	}
	return nil, wrongCode()
}

func standing(page *message.Page) int {
	switch {
	case page.Waiting():
		return 0
	case page.Answerable():
		return 1
	}
	return 2
}

// owners are the people who have the address on the channel, in the order of
// their ids.
func owners(cat *catalog.Catalog, channel, address string) []string {
	var out []string
	if address == "" {
		return nil
	}
	for id, person := range cat.People {
		if slices.ContainsFunc(person.Contacts, func(c catalog.Contact) bool {
			return c.Channel == channel && plainAddress(channel, c.Address) == address
		}) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// plainAddress drops what people write into telephone numbers to read them.
func plainAddress(channel, address string) string {
	if channel != "sms" && channel != "voice" {
		return strings.TrimSpace(address)
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, address)
}
