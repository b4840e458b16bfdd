package review

import (
	"time"

	"allclear/internal/domain/incident"
	domain "allclear/internal/domain/review"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	flow "allclear/internal/flow/review"
)

// ReviewImpact is what the incident meant.
type ReviewImpact struct {
	Minutes     float64                     `json:"minutes" doc:"Of impact, without the time between a resolution that did not hold and the reopening."`
	Stretches   []ReviewGap                 `json:"stretches"`
	Accounts    []ReviewAccount             `json:"accounts,omitempty" doc:"Absent for those who may not read customers."`
	AtRisk      float64                     `json:"revenue_at_risk_usd,omitempty" doc:"Yearly revenue of the accounts for the time of impact, by the loss factor. Service credits are not part of it."`
	Costs       []ReviewCost                `json:"costs,omitempty" doc:"Service credits and what people wrote into the ledger, by currency. Absent for those who may not read customers."`
	Total       float64                     `json:"total_usd,omitempty" doc:"Revenue at risk with the costs in US dollars."`
	LossFactor  float64                     `json:"loss_factor"`
	Metrics     []ReviewMetric              `json:"metrics"`
	Mood        ReviewMood                  `json:"mood"`
	Assessments map[string]ReviewAssessment `json:"assessments" doc:"By part: customers, financial, technical, reputation."`
}

// ReviewCost is what the incident costs in one currency, in hundredths.
type ReviewCost struct {
	Currency string `json:"currency"`
	Credits  int64  `json:"credits_cents"`
	Manual   int64  `json:"manual_cents"`
}

// ReviewAccount is what the incident meant for one customer.
type ReviewAccount struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Tier        string  `json:"tier"`
	Region      string  `json:"region,omitempty"`
	VIP         bool    `json:"vip"`
	Minutes     float64 `json:"minutes"`
	Uptime      float64 `json:"uptime_percent,omitempty" doc:"Promised for a month."`
	Allowed     float64 `json:"allowed_minutes,omitempty" doc:"That the promise leaves in that month."`
	AllowedUsed float64 `json:"allowed_share,omitempty" doc:"Of them this incident would use up, should its time count by the contract: 1 is all."`
	AtRisk      float64 `json:"revenue_at_risk_usd,omitempty"`
}

// ReviewMetric is how a metric of a rule did.
type ReviewMetric struct {
	Rule    string            `json:"rule"`
	Name    string            `json:"name"`
	Service string            `json:"service"`
	Labels  map[string]string `json:"labels,omitempty"`
	Unit    string            `json:"unit,omitempty"`
	Before  ReviewReading     `json:"before" doc:"In the same hour of the last day before."`
	During  ReviewReading     `json:"during"`
	After   ReviewReading     `json:"after" doc:"In the hour after resolution."`
	Verdict string            `json:"verdict" enum:"back,not_back,unknown" doc:"not_back: afterwards more than 20 % worse than before."`
}

// ReviewReading is what was measured in a stretch.
type ReviewReading struct {
	Known bool    `json:"known"`
	Mean  float64 `json:"mean"`
	Peak  float64 `json:"peak" doc:"The worst."`
}

// ReviewMood is how people spoke of us.
type ReviewMood struct {
	Before ReviewVoices `json:"before"`
	During ReviewVoices `json:"during"`
	After  ReviewVoices `json:"after"`
}

// ReviewVoices are what was said in a stretch.
type ReviewVoices struct {
	Tickets  int     `json:"tickets"`
	Mentions int     `json:"mentions"`
	Feedback int     `json:"feedback"`
	Judged   int     `json:"judged" doc:"Of them, that use a word of the lexicon."`
	Score    float64 `json:"score" doc:"From -1, all complaint, to 1, all praise."`
}

// ReviewAssessment is what somebody says about a part of the impact.
type ReviewAssessment struct {
	Text string       `json:"text"`
	By   record.Named `json:"by"`
	At   time.Time    `json:"at"`
}

func impactOf(w flow.Whole) ReviewImpact {
	n := record.NamesOf(board.NamesOf(w.Catalog))
	out := ReviewImpact{
		Minutes: incident.Total(w.Impact.Stretches).Minutes(), LossFactor: w.Impact.Factor,
		Stretches: wire.Each(w.Impact.Stretches, func(s incident.Span) ReviewGap { return ReviewGap(s) }),
		Metrics: wire.Each(w.Impact.Technical, func(d domain.Degradation) ReviewMetric {
			return ReviewMetric{d.Rule, d.Name, d.Service, d.Labels, d.Unit, readingOf(d.Before), readingOf(d.During), readingOf(d.After), d.Verdict}
		}),
		Mood:        ReviewMood{ReviewVoices(w.Impact.Mood.Before), ReviewVoices(w.Impact.Mood.During), ReviewVoices(w.Impact.Mood.After)},
		Assessments: map[string]ReviewAssessment{},
	}
	for _, a := range w.Impact.Accounts {
		out.Accounts = append(out.Accounts, ReviewAccount{a.Customer, a.Name, a.Tier, a.Region, a.VIP, a.Minutes, a.Uptime, a.Allowed, a.AllowedUsed, a.AtRisk})
		out.AtRisk += a.AtRisk
	}
	out.Costs = wire.Each(w.Impact.Finances.Costs, func(c domain.Cost) ReviewCost { return ReviewCost(c) })
	out.Total = w.Impact.Finances.Total
	for part, a := range w.Review.Impact {
		if part == "financial" && !w.Impact.Customers {
			continue
		}
		out.Assessments[part] = ReviewAssessment{a.Text, n.Person(a.By), a.At}
	}
	return out
}

func readingOf(r domain.Reading) ReviewReading { return ReviewReading{r.N > 0, r.Mean, r.Peak} }
