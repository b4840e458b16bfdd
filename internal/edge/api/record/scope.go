package record

import (
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// Scope is what an incident touches, as people said; without that it is what the
// catalogue computes from its service.
type Scope struct {
	Services    []Named   `json:"services" doc:"All that it touches, its own first."`
	Products    []string  `json:"products" doc:"Touched alone; none: all that need the services."`
	Added       []string  `json:"added" doc:"Customers who are touched although they need none of them."`
	Spared      []string  `json:"spared" doc:"Customers who are not touched although they need one."`
	Reason      string    `json:"reason,omitempty"`
	Consequence string    `json:"consequence,omitempty" doc:"For the business, in words."`
	By          *Named    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
}

// Regression is one time that a resolved incident came back.
type Regression struct {
	ResolvedAt time.Time `json:"resolved_at"`
	ReopenedAt time.Time `json:"reopened_at"`
	ReopenedBy *Named    `json:"reopened_by,omitempty"`
	Resolution string    `json:"resolution,omitempty" doc:"The reason it had been resolved with."`
	Reason     string    `json:"reason" doc:"What came back."`
}

// NewScope says what an incident touches. What is left out is taken back.
type NewScope struct {
	Services []string `json:"services,omitempty" maxItems:"200" doc:"Ids, beside its own."`
	Regions  []string `json:"regions,omitempty" maxItems:"50" doc:"None: everywhere."`
	Products []string `json:"products,omitempty" maxItems:"50" doc:"None: all that need the services."`
	Added    []string `json:"added,omitempty" maxItems:"200" doc:"Ids of customers who are touched although they need none of the services."`
	Spared   []string `json:"spared,omitempty" maxItems:"200" doc:"Ids of customers who are not touched although they need one."`
	Reason   string   `json:"reason,omitempty" maxLength:"10000" doc:"Needed where customers differ from the computed ones."`
}

// NewFact is a fact that a person says of an incident.
type NewFact struct {
	Fact   string `json:"fact" enum:"extended,regulated" doc:"What rules of the procedure hang on."`
	Reason string `json:"reason" minLength:"1" maxLength:"10000"`
}

// Consequence is what an incident means for the business.
type Consequence struct {
	Consequence string `json:"consequence" minLength:"1" maxLength:"10000"`
}

// Impact is the estimate of what an incident means, over the affected customers.
type Impact struct {
	Customers   int               `json:"customers"`
	ARR         int64             `json:"arr_usd" doc:"Yearly revenue of all of them, whole US dollars."`
	AtRisk      int64             `json:"revenue_at_risk_usd" doc:"The share of it that fell into the incident so far."`
	Seconds     int64             `json:"lasting_seconds" doc:"From the start of impact, or detection, to its end or now."`
	Beyond      int               `json:"beyond_promise" doc:"Customers who had less availability this month than they were promised."`
	Consequence string            `json:"consequence,omitempty"`
	Accounts    []AffectedAccount `json:"accounts"`
}

// AffectedAccount is one affected customer.
type AffectedAccount struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Tier    string  `json:"tier"`
	VIP     bool    `json:"vip"`
	Major   bool    `json:"major_account"`
	Region  string  `json:"region,omitempty"`
	Manager string  `json:"account_manager,omitempty"`
	ARR     int64   `json:"arr_usd,omitempty"`
	Added   bool    `json:"added" doc:"By a person, beside the computed ones."`
	Promise float64 `json:"promised_percent" doc:"Availability of a calendar month."`
	Allowed int64   `json:"allowed_seconds" doc:"Unavailability that keeps the promise this month (UTC)."`
	Used    int64   `json:"used_seconds" doc:"Unavailability this month so far."`
}

func ImpactOf(i board.Impact) Impact {
	return Impact{
		Customers: len(i.Accounts), ARR: i.ARR, AtRisk: i.AtRisk, Seconds: int64(i.Lasting / time.Second), Beyond: i.Beyond, Consequence: i.Consequence,
		Accounts: Filled(wire.Each(i.Accounts, func(a board.Account) AffectedAccount {
			return AffectedAccount{
				ID: a.ID, Name: a.Name, Tier: a.Tier, VIP: a.VIP, Major: a.MajorAccount, Region: a.Region, Manager: a.AccountManager, ARR: a.ARR, Added: a.Added,
				Promise: a.Promise, Allowed: int64(a.Allowed / time.Second), Used: int64(a.Used / time.Second),
			}
		})),
	}
}

func scopeOf(i *incident.Incident, names board.Names) Scope {
	n := Names{names}
	s := i.Scope
	return Scope{
		Services: wire.Each(i.Services(), n.service), Products: Filled(s.Products), Added: Filled(s.Added), Spared: Filled(s.Spared),
		Reason: s.Reason, Consequence: s.Consequence, By: n.Somebody(s.By), At: s.At,
	}
}

func regressionsOf(i *incident.Incident, names board.Names) []Regression {
	n := Names{names}
	return Filled(wire.Each(i.Regressions, func(r incident.Regression) Regression {
		return Regression{ResolvedAt: r.ResolvedAt, ReopenedAt: r.ReopenedAt, ReopenedBy: n.Somebody(r.ReopenedBy), Resolution: r.Resolution, Reason: r.Reason}
	}))
}

// Brief is what the commander tells the executives.
type Brief struct {
	Text string `json:"text" minLength:"1" maxLength:"10000"`
}
