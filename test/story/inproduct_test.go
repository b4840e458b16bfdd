package story

import "allclear/internal/domain/inapp"

// What users are shown in the product, and what people do about it.

// SkipInApp has somebody leave the notices in the product out of the messages.
func (w *World) SkipInApp(by, reason string) error {
	w.Helper()
	_, err := w.e.Comms.SkipInApp(w.Context(), as(by), w.number(), reason, w.now)
	w.tick()
	return err
}

// ResumeInApp has somebody take that back.
func (w *World) ResumeInApp(by string) error {
	w.Helper()
	_, err := w.e.Comms.ResumeInApp(w.Context(), as(by), w.number(), w.now)
	w.tick()
	return err
}

// InProduct is what a user of the customer is shown in the product now.
func (w *World) InProduct(customer string) []inapp.Notice {
	w.Helper()
	w.must(w.e.InApp.Tick(w.Context(), w.now))
	return w.e.InApp.For(inapp.Reader{Tenant: customer, User: "somebody"}, w.now)
}
