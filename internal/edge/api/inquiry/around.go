package inquiry

import (
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/metric"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/inquiry"
)

// ServiceChange is something that was done to a service around an incident.
type ServiceChange struct {
	Service string      `json:"service"`
	Hops    int         `json:"hops" doc:"How far down the service map: 0 is the incident's own."`
	Source  string      `json:"source" example:"github"`
	Summary string      `json:"summary"`
	Origin  string      `json:"origin,omitempty"`
	At      time.Time   `json:"at"`
	Before  int64       `json:"seconds_before" doc:"The incident began; negative: after it."`
	Links   []ProofLink `json:"links"`
	Details any         `json:"details,omitempty"`
}

// NewServiceChange is what a pipeline tells of a change.
type NewServiceChange struct {
	Service     string      `json:"service" maxLength:"64"`
	Summary     string      `json:"summary" maxLength:"1024"`
	Kind        string      `json:"kind,omitempty" enum:"deployment,configuration,feature_flag,infrastructure,database,other"`
	Environment string      `json:"environment,omitempty" maxLength:"200"`
	Version     string      `json:"version,omitempty" maxLength:"200"`
	By          string      `json:"by,omitempty" maxLength:"200" doc:"Who or what changed it."`
	At          time.Time   `json:"at,omitzero" doc:"Absent: now."`
	Links       []ProofLink `json:"links,omitempty" maxItems:"20"`
}

// TriagePanel is what is known around an incident without anybody having looked.
type TriagePanel struct {
	From       time.Time      `json:"from"`
	Until      time.Time      `json:"until"`
	Services   []string       `json:"services" doc:"Its own, and what that depends on, the nearest first."`
	Correlated bool           `json:"correlated" doc:"Somebody else says that something is wrong."`
	Signals    []TriageSignal `json:"signals"`
	Metrics    []TriageMetric `json:"metrics"`
	More       bool           `json:"more_metrics" doc:"There are more than are shown."`
	Links      []TriageLink   `json:"links"`
}

// TriageSignal is what one observer says.
type TriageSignal struct {
	Kind       string    `json:"kind" enum:"status_page,monitor,check,vendor,incident"`
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	State      string    `json:"state"`
	Correlated bool      `json:"correlated" doc:"It says that something is wrong with what the incident is about."`
	Text       string    `json:"text,omitempty"`
	Since      time.Time `json:"since,omitzero"`
}

// TriageMetric is what a limit of the procedure was judged by, over time.
type TriageMetric struct {
	Rule    string            `json:"rule"`
	Name    string            `json:"name"`
	Unit    string            `json:"unit,omitempty"`
	Service string            `json:"service"`
	Labels  map[string]string `json:"labels,omitempty"`
	Limit   float64           `json:"limit"`
	Word    string            `json:"word" enum:"above,below" doc:"Values on this side of the limit pass it."`
	Passed  bool              `json:"passed" doc:"At any time that is shown."`
	Points  []TriagePoint     `json:"points"`
}

// TriagePoint is one value.
type TriagePoint struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// TriageLink leads elsewhere, filled in for the time.
type TriageLink struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	URL     string `json:"url"`
}

func changeOf(c inquiry.Change) ServiceChange {
	return ServiceChange{
		Service: c.Service, Hops: c.Hops, Source: c.Source, Summary: c.Summary, Origin: c.Origin, At: c.At, Before: int64(c.Before / time.Second), Details: c.Details,
		Links: wire.Each(c.Links, func(l alert.Link) ProofLink { return ProofLink{Label: l.Text, URL: l.Href} }),
	}
}

func panelOf(t flow.Triage) TriagePanel {
	return TriagePanel{
		From: t.From, Until: t.Until, Services: t.Services, Correlated: t.Correlated(), More: t.Cut,
		Signals: wire.Each(t.Signals, func(s flow.Signal) TriageSignal {
			return TriageSignal{Kind: s.Kind, ID: s.ID, Name: s.Name, State: s.State, Correlated: s.Correlated, Text: s.Text, Since: s.Since}
		}),
		Metrics: wire.Each(t.Metrics, func(m flow.Metric) TriageMetric {
			return TriageMetric{
				Rule: m.Rule, Name: m.Name, Unit: m.Unit, Service: m.Service, Labels: m.Labels, Limit: m.Limit, Word: m.Word, Passed: m.Passed,
				Points: wire.Each(m.Points, func(p metric.Point) TriagePoint { return TriagePoint{p.At, p.Value} }),
			}
		}),
		Links: wire.Each(t.Links, func(l flow.Link) TriageLink { return TriageLink(l) }),
	}
}
