package paging

import (
	"slices"

	"allclear/internal/domain/message"
	"allclear/internal/store/deliveries"
)

// takeBack ends a page that is over on the channels where it would stand, and
// ring, until it is ended: what a provider took, and what it may have taken. A
// send that is under way is looked at when its outcome is known, or the end
// might overtake it.
func (s *scene) takeBack(page *message.Page) error {
	if len(s.p.o.Ends) == 0 {
		return nil
	}
	all, err := deliveries.Of(s.tx, message.KindPage, page.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.State == message.Accepted || d.State == message.Queued && d.Attempts > 0 {
			if err := s.end(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// end queues the end of one delivery of a page, once.
func (s *scene) end(d *message.Delivery) error {
	if !slices.Contains(s.p.o.Ends, d.Channel) {
		return nil
	}
	return deliveries.Queue(s.tx, &message.Delivery{
		Key: d.Key + "/end", Kind: message.KindEnd, RefID: d.RefID, IncidentID: d.IncidentID, Recipient: d.Recipient, Channel: d.Channel, Address: d.Address,
		Subject: s.inc.Ref() + ": your answer is not needed any more", Body: "Somebody has it, or it is over.", Priority: 1, DueAt: s.now, CreatedAt: s.now, Clauses: d.Clauses,
		Headers: message.Headers{Rule: d.Headers.Rule, Name: d.Headers.Name, Of: d.Key},
	})
}

// arrivedLate ends a page that was over while it was being sent. One that was
// given up can still be answered where it stands.
func (s *scene) arrivedLate(page *message.Page, d *message.Delivery) error {
	if page.Answerable() || d.State == message.Failed {
		return nil
	}
	return s.end(d)
}

// endWanted names the page to the channel as it was named when it went out.
func (s *scene) endWanted(d *message.Delivery) (ok bool, why string, err error) {
	page, err := s.p.page(s.tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	d.Headers.Answer = s.ticket(page)
	return true, "", nil
}
