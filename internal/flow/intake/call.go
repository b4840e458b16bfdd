package intake

import (
	"maps"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
)

// Labels of a call to an emergency line.
const (
	labelCaller   = "caller"
	labelCode     = "customer_code"
	labelCustomer = "customer"
)

func isCall(s *alert.Signal) bool {
	return s.Class == alert.EmergencyCall || s.Class == alert.OperationsCall
}

// asks reports whether a person asked for help: what a service is worth at most
// does not hold for them, and rules page beside the chain (reading 12).
func asks(s *alert.Signal) bool { return isCall(s) || s.Source == alert.Mail || s.ForCustomer() }

// caller ties a call to the customer behind it, by code or number.
func (b *batch) caller(s *alert.Signal) {
	if !isCall(s) || s.Labels[labelCustomer] != "" {
		return
	}
	k, ok := b.cat.Caller(s.Labels[labelCode], s.Labels[labelCaller])
	if !ok {
		return
	}
	labels := maps.Clone(s.Labels) // the signal is the caller's
	labels[labelCustomer] = k.ID
	s.Labels = labels
	s.Summary += " (" + k.Name + ")"
}

// calling asks for those who are paged beside the chain when somebody calls or
// writes.
func (b *batch) calling(st *standing) error {
	for _, c := range st.calls {
		e := event.Event{
			IncidentID: st.inc.ID, Kind: event.Called, Source: "intake", Restricted: st.inc.Restricted,
			Data: event.Data{Subject: c.Class, Text: c.Summary, Severity: st.inc.Severity.String(), Number: st.inc.Number},
		}
		if c.Source == alert.Mail {
			b.written(&e, c)
		}
		if err := b.bus.Emit(b.tx, b.now, e); err != nil {
			return err
		}
	}
	return nil
}
