package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/invitation"
	"allclear/internal/domain/message"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// Participant is somebody who is asked to the formal review, and why.
type Participant struct {
	Person  string
	As      []string
	Clauses []string
	Left    bool // named by the procedure, and left out by a person
}

// participants computes who is asked: those whom the procedure names, everybody who
// held a role or responded, and who was added by hand. Who may not know of a
// restricted incident is not asked (reading 18).
func (s *scene) participants() []Participant {
	var out []Participant
	add := func(id, as string, clauses ...string) {
		if _, ok := s.cat.People[id]; !ok || !s.inc.VisibleTo(id) {
			return
		}
		k := slices.IndexFunc(out, func(p Participant) bool { return p.Person == id })
		if k < 0 {
			out = append(out, Participant{Person: id, Left: slices.Contains(s.rev.Left, id)})
			k = len(out) - 1
		}
		if p := &out[k]; !slices.Contains(p.As, as) {
			p.As = append(p.As, as)
			p.Clauses = append(p.Clauses, clauses...)
		}
	}
	add(s.rev.Owner, "Owner of the review", "WAR-IC-PIR")
	for i, v := range s.proc.Review.Invited {
		if !v.Asks(s.inc.Highest) {
			continue
		}
		if i == 0 {
			for _, id := range review.Team(s.inc) {
				add(id, v.As, v.Clauses...)
			}
		}
		for _, t := range v.To {
			who, err := s.cat.Resolve(t, s.targets(s.rev.Meeting.Start))
			if err != nil {
				continue // a company without that group has nobody there to ask
			}
			for _, id := range who {
				add(id, v.As, v.Clauses...)
			}
		}
	}
	for _, id := range s.rev.Others {
		add(id, "Asked by hand")
	}
	return out
}

// meeting is what calendar programs are told of the formal review.
func (s *scene) meeting() invitation.Meeting {
	m := s.rev.Meeting
	return invitation.Meeting{UID: s.rev.ID.String() + ".review@allclear", Revision: m.Revision, Start: m.Start, End: m.End, Title: s.called(), Text: s.agenda()}
}

func (s *scene) called() string {
	if s.inc.Restricted {
		return "Review of " + s.inc.Ref()
	}
	return fmt.Sprintf("Review of %s %s: %s", s.inc.Highest, s.inc.Ref(), s.inc.Title)
}

func (s *scene) agenda() string {
	lines := make([]string, len(s.proc.Review.Agenda))
	for i, a := range s.proc.Review.Agenda {
		lines[i] = fmt.Sprintf("%d. %s", i+1, a.Title)
	}
	return strings.Join(lines, "\n")
}

// followUp is what they are told of the meeting after it (PIR-A-7).
func (s *scene) followUp() invitation.Meeting {
	f := s.rev.FollowUp
	return invitation.Meeting{UID: s.rev.ID.String() + ".follow-up@allclear", Start: f.At, End: f.At.Add(time.Hour), Title: "Follow-up: " + s.called(), Text: "Seen to by " + s.name(f.Owner)}
}

// invite asks everybody who has not been asked to the meeting as it stands.
func (s *scene) invite() error {
	m := &s.rev.Meeting
	if m.Start.IsZero() || s.proc.Review == nil {
		return nil
	}
	if m.InvitedAt.IsZero() && (len(m.Invited)+len(m.Mailed) > 0 || len(s.rev.Rounds) > 0) {
		m.Revision++ // it was asked for before, at another time
		m.Invited, m.Mailed = nil, nil
	}
	why := cmp.Or(m.Reason, m.Exception)
	for _, p := range s.participants() {
		if p.Left || slices.Contains(m.Invited, p.Person) {
			continue
		}
		if err := s.ask(p.Person, "formal review", s.meeting(), why, p.Clauses); err != nil {
			return err
		}
		m.Invited = append(m.Invited, p.Person)
	}
	for _, g := range s.rev.Guests {
		if s.inc.Restricted || slices.Contains(m.Mailed, g.Email) {
			continue // nobody outside hears of a restricted incident
		}
		if err := s.mail("guest:"+g.Email, g.Name, g.Email, "formal review", s.meeting(), why, []string{"PIR-P-EXT"}); err != nil {
			return err
		}
		m.Mailed = append(m.Mailed, g.Email)
	}
	m.InvitedAt = s.now
	return nil
}

// uninvite takes the invitations back.
func (s *scene) uninvite() error {
	m := &s.rev.Meeting
	if m.InvitedAt.IsZero() || m.Held() || s.proc.Review == nil {
		return nil
	}
	m.Revision++
	gone := s.meeting()
	gone.Cancelled = true
	for _, id := range m.Invited {
		if err := s.ask(id, "formal review, which does not take place then,", gone, "The incident came back.", nil); err != nil {
			return err
		}
	}
	for _, g := range s.rev.Guests {
		if !slices.Contains(m.Mailed, g.Email) {
			continue
		}
		if err := s.mail("guest:"+g.Email, g.Name, g.Email, "formal review, which does not take place then,", gone, "", nil); err != nil {
			return err
		}
	}
	return nil
}

// withdrawn is the rule of mails that take a meeting back from those who may not
// know any more what it is about. They say nothing of it, so they always go out.
const withdrawn = "review-withdrawn"

// withdraw takes the meeting out of the calendars of those who may not know of an
// incident that became restricted (reading 18): guests, and people outside its circle.
func (s *scene) withdraw() error {
	m := &s.rev.Meeting
	if len(m.Invited)+len(m.Mailed) == 0 || m.Held() {
		return nil
	}
	m.Revision++
	gone := invitation.Meeting{UID: s.meeting().UID, Revision: m.Revision, Start: m.Start, End: m.End, Title: "Cancelled meeting", Cancelled: true}
	subject, body := "A meeting is cancelled for you", "The meeting on "+long(m.Start)+" does not concern you any more. Please take it out of your calendar."
	var stay []string
	for _, id := range m.Invited {
		if s.inc.VisibleTo(id) {
			stay = append(stay, id)
			continue
		}
		who := s.cat.People[id]
		for _, c := range catalog.ContactsFor(who, []string{message.Email}) {
			if err := s.send(withdrawn, id, who.Name, c.Address, subject, body, gone, nil); err != nil {
				return err
			}
			break
		}
	}
	for _, address := range m.Mailed {
		if err := s.send(withdrawn, "guest:"+address, address, address, subject, body, gone, nil); err != nil {
			return err
		}
	}
	m.Invited, m.Mailed = stay, nil
	return nil
}

// ask sends a person the invitation by mail; who has no mail address is told.
func (s *scene) ask(person, what string, m invitation.Meeting, why string, clauses []string) error {
	who := s.cat.People[person]
	for _, c := range catalog.ContactsFor(who, []string{message.Email}) {
		return s.mail(person, who.Name, c.Address, what, m, why, clauses)
	}
	subject, body, err := s.invitation(what, m, why)
	if err != nil {
		return err
	}
	return s.emit(event.NoticeWanted, event.Data{
		Rule: "review-invitation", Ref: fmt.Sprintf("%s/%d", m.UID, m.Revision), Targets: []string{"person:" + person}, Subject: subject, Text: body, Clauses: clauses,
	})
}

func (s *scene) invitation(what string, m invitation.Meeting, why string) (subject, body string, err error) {
	return s.text(s.proc.Review.Text, map[string]string{"name": what, "plain": what, "due": long(m.Start), "reason": why})
}

func (s *scene) mail(recipient, name, address, what string, m invitation.Meeting, why string, clauses []string) error {
	subject, body, err := s.invitation(what, m, why)
	if err != nil {
		return err
	}
	return s.send("review-invitation", recipient, name, address, subject, body, m, clauses)
}

func (s *scene) send(rule, recipient, name, address, subject, body string, m invitation.Meeting, clauses []string) error {
	d := &message.Delivery{
		Key: fmt.Sprintf("%s/invitation/%s/%d/%s", s.inc.Ref(), m.UID, m.Revision, recipient), Kind: message.KindReview, RefID: s.rev.ID, IncidentID: s.inc.ID,
		Recipient: recipient, Channel: message.Email, Address: address, Subject: subject, Body: body, Priority: 2, DueAt: s.now, CreatedAt: s.now, Clauses: clauses,
		Headers: message.Headers{Rule: rule, Name: name, Calendar: invitation.Request(m, s.r.o.From, s.now, invitation.Guest{Name: name, Email: address})},
	}
	if err := deliveries.Queue(s.tx, d); err != nil {
		return err
	}
	return s.emit(event.Noticed, event.Data{To: recipient, Channel: message.Email, Rule: rule, Clauses: clauses, Subject: subject, Text: body, Ref: s.rev.ID.String()})
}

// Wanted is what a sender asks before an invitation goes out.
func (r *Reviews) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	s, err := r.scene(tx, d.IncidentID, false, now, event.System, "review")
	if err != nil {
		return false, "", err
	}
	outside := strings.HasPrefix(d.Recipient, "guest:") || !s.inc.VisibleTo(d.Recipient)
	if s.inc.Restricted && outside && d.Headers.Rule != withdrawn {
		return false, "the incident is restricted", nil // since it was written
	}
	return true, "", nil
}

// Outcome makes an invitation loud that reached nobody.
func (r *Reviews) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.State != message.Failed {
		return nil
	}
	s, err := r.scene(tx, d.IncidentID, false, now, event.System, "review")
	if err != nil {
		return err
	}
	return s.emit(event.Undelivered, event.Data{To: d.Recipient, Rule: d.Headers.Rule, Clauses: d.Clauses, Outcome: "failed", Text: d.Headers.Name + ": the invitation to the review could not be delivered", Phase: d.Kind})
}
