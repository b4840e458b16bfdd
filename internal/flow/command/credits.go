package command

import (
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

// onCredit runs the rules on what people have to do about a credit memo: tell the
// customer (FUP-CR-OUTREACH), agree to it (FUP-CR-EXEC, FUP-CR-LEGAL), or see to its
// booking (ESC-XF-SALESOPS). The incident may be closed long since.
func (c *Command) onCredit(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil {
		return err
	}
	s.credit = &e.Data
	return s.follow(trigger(e.Data.Outcome))
}

// managed puts whoever looks after the customer of a credit in the place of the word
// for them.
func (s *scene) managed(targets []string) []string {
	if s.credit == nil {
		return targets
	}
	out := make([]string, len(targets))
	for i, t := range targets {
		if t == procedure.AccountManager {
			t = s.credit.Owner
		}
		out[i] = t
	}
	return out
}
