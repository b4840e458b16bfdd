package story

import (
	domain "allclear/internal/domain/continuity"
	"allclear/internal/flow/continuity"
)

// What carries customers through outages.

// UseAlternative is somebody delivering a service in another way.
func (w *World) UseAlternative(by, service, way, reason string) (domain.Measure, error) {
	w.Helper()
	m, err := w.e.Continuity.Activate(w.Context(), as(by), w.number(), service, way, reason, w.now)
	w.tick()
	return m, err
}

// EndAlternative is ana ending it.
func (w *World) EndAlternative(m domain.Measure, reason string) error {
	w.Helper()
	_, err := w.e.Continuity.End(w.Context(), as("ana"), w.number(), m.ID, reason, w.now)
	w.tick()
	return err
}

// Alternatives are those of the incident.
func (w *World) Alternatives() continuity.Ways {
	w.Helper()
	got, err := w.e.Continuity.Ways(w.Context(), as("ana"), w.number())
	w.must(err)
	return got
}

// SecureRevenue is ana writing down what is done about revenue.
func (w *World) SecureRevenue(customer, text string, amount int64) error {
	w.Helper()
	_, err := w.e.Continuity.Mitigate(w.Context(), as("ana"), w.number(), customer, text, amount, w.now)
	return err
}

// Revenue is what open incidents put at risk, as somebody sees it.
func (w *World) Revenue(by string) continuity.Revenue {
	w.Helper()
	got, err := w.e.Continuity.Revenue(w.Context(), as(by), 0)
	w.must(err)
	return got
}

// LookAtRisk has the product judge the accounts, as it does by itself.
func (w *World) LookAtRisk() {
	w.Helper()
	w.must(w.e.Success.LookAtRisk(w.Context(), w.now))
	w.tick()
}

// AtRisk are the accounts at risk.
func (w *World) AtRisk() []*domain.Measure {
	w.Helper()
	got, err := w.e.Success.AtRisk(w.Context(), as("ana"))
	w.must(err)
	return got
}

// PlanRetention is ana writing down how an account is kept.
func (w *World) PlanRetention(customer, plan string) error {
	w.Helper()
	_, err := w.e.Success.PlanRetention(w.Context(), as("ana"), customer, plan, w.now)
	return err
}

// History lists the incidents that touched a customer.
func (w *World) History(customer string) []continuity.Touched {
	w.Helper()
	got, err := w.e.Continuity.History(w.Context(), as("ana"), customer, w.now)
	w.must(err)
	return got
}
