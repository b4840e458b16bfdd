package review

import (
	"math"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
)

// Account is what the incident meant for one customer (PIR-IMM-IMP-1).
type Account struct {
	Customer    string
	Name        string
	Tier        string
	Region      string
	VIP         bool
	Minutes     float64
	Uptime      float64 // promised, percent a month; 0: nothing
	Allowed     float64 // minutes a month by that promise
	AllowedUsed float64 // share of them this incident alone would use up
	AtRisk      float64 // revenue of the time of impact, US dollars
}

// Cost is what an incident costs in one currency, in hundredths.
type Cost struct {
	Currency string
	Credits  int64 // service credits and goodwill
	Manual   int64 // rows that people wrote into the ledger
}

// Finances is what an incident costs (PIR-IMM-IMP-2): service credits, the revenue of
// the time of impact by the loss factor, and what people wrote down. The total is in
// US dollars; other currencies stand beside it, since nobody keeps their rates here.
type Finances struct {
	AtRisk float64 // US dollars
	Costs  []Cost
	Total  float64 // US dollars
}

// FinancesOf adds up what an incident costs.
func FinancesOf(accounts []Account, costs []Cost) Finances {
	f := Finances{Costs: costs}
	for _, a := range accounts {
		f.AtRisk += a.AtRisk
	}
	f.Total = f.AtRisk
	for _, c := range costs {
		if c.Currency == "USD" {
			f.Total += float64(c.Credits+c.Manual) / 100
		}
	}
	return f
}

const yearHours = 365 * 24

// Accounts lists what the incident meant for each customer. Whether the time counts
// as downtime is for their contract to say.
func Accounts(customers []catalog.Customer, all []incident.Span, lossFactor float64) []Account {
	minutes := incident.Total(all).Minutes()
	month := 0.0
	if len(all) > 0 {
		y, m, _ := all[0].From.UTC().Date()
		first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		month = first.AddDate(0, 1, 0).Sub(first).Minutes()
	}
	out := make([]Account, len(customers))
	for i := range customers {
		c := &customers[i]
		a := Account{Customer: c.ID, Name: c.Name, Tier: c.Tier, Region: c.Region, VIP: c.VIP, Minutes: minutes, Uptime: c.Contract.UptimePercent}
		if a.Uptime > 0 {
			a.Allowed = (100 - a.Uptime) / 100 * month
			a.AllowedUsed = minutes / math.Max(a.Allowed, 1e-9)
		}
		a.AtRisk = float64(c.ARR) / yearHours * minutes / 60 * lossFactor
		out[i] = a
	}
	return out
}
