package incident

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Scope is what people say an incident touches, beside what the catalogue
// computes from its service (RSP-S2-SCOPE).
type Scope struct {
	Services []string  `json:"services,omitempty"` // touched beside its own
	Products []string  `json:"products,omitempty"` // touched alone; none: all that need the services
	Added    []string  `json:"added,omitempty"`    // customers who are touched although they need none of them
	Spared   []string  `json:"spared,omitempty"`   // customers who are not touched although they need one
	Reason   string    `json:"reason,omitempty"`   // of what differs from the computed customers
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`

	Consequence string `json:"consequence,omitempty"` // for the business, in words (RSP-S2-IMPACT)
}

// Services lists what the incident touches, its own service first.
func (i *Incident) Services() []string {
	return append([]string{i.ServiceID}, i.Scope.Services...)
}

// ScopeKey names everything that decides which customers it touches.
func (i *Incident) ScopeKey() string {
	parts := [][]string{i.Services(), i.Regions, i.Scope.Products, i.Scope.Added, i.Scope.Spared, {i.Highest.String(), i.Severity.String(), i.Tenant}}
	lines := make([]string, len(parts))
	for k, p := range parts {
		lines[k] = strings.Join(p, "\x00")
	}
	return strings.Join(lines, "\x01")
}

// SetScope says anew what the incident touches; fresh are the services that it
// did not touch before. Customers that differ from the computed ones need a
// reason.
func (i *Incident) SetScope(s Scope, regions []string, by string, now time.Time) (fresh []string, err error) {
	if i.MergedInto != 0 || i.Status == Closed {
		return nil, i.refuse("it is %s, its scope stays", i.Status)
	}
	s.Services = tidy(s.Services, i.ServiceID)
	s.Added, s.Spared, s.Products, regions = tidy(s.Added), tidy(s.Spared), tidy(s.Products), tidy(regions)
	if slices.ContainsFunc(s.Added, func(id string) bool { return slices.Contains(s.Spared, id) }) {
		return nil, fault.New(fault.Invalid, "a customer is both touched and spared").With("spared", "name each customer once")
	}
	if len(s.Added)+len(s.Spared) > 0 && strings.TrimSpace(s.Reason) == "" {
		return nil, fault.New(fault.Invalid, "customers other than the computed ones need a reason").With("reason", "say how you know")
	}
	for _, id := range s.Services {
		if !slices.Contains(i.Scope.Services, id) {
			fresh = append(fresh, id)
		}
	}
	s.Consequence, s.By, s.At = i.Scope.Consequence, by, now
	i.Scope, i.Regions = s, regions
	return fresh, nil
}

// tidy sorts a list of ids and leaves out what is empty, doubled or in but.
func tidy(ids []string, but ...string) []string {
	var out []string
	for _, id := range ids {
		if id = strings.TrimSpace(id); id != "" && !slices.Contains(but, id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
