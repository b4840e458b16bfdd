package registry

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	domain "allclear/internal/domain/continuity"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/continuity"
	"allclear/internal/flow/success"
)

// Keep answers about what carries customers through outages.
type Keep struct {
	Flow    *continuity.Continuity
	Success *success.Success
}

// Answer is an answer that is one document.
type Answer[T any] struct{ Body T }

// Routes adds the routes.
func (k *Keep) Routes(t *route.Table) {
	const tag = "continuity"
	get := func(path, summary string) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Summary: summary, Tag: tag}
	}
	post := func(path, summary, detail string) route.Route {
		return route.Route{Method: http.MethodPost, Path: path, Summary: summary, Detail: detail, Tag: tag, Status: http.StatusCreated}
	}
	add(t, get("/incidents/{id}/alternatives", "List other ways to deliver what an incident takes away"), authz.Read, k.ways)
	add(t, post("/incidents/{id}/alternatives", "Deliver a service in another way for the time being", "Customers read the catalogue's text about it on the status page."), authz.Command, k.activate)
	add(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/alternatives/{use}/end", Summary: "End another way of delivery", Tag: tag}, authz.Command, k.end)
	add(t, post("/incidents/{id}/mitigations", "Write down what is done about revenue at risk", ""), authz.ReadCustomers, k.mitigate)
	add(t, get("/incidents/{id}/revenue-at-risk", "Sum the revenue of the customers that an incident touches, and show what is done about it"), authz.ReadCustomers, k.revenueOf)
	add(t, get("/revenue-at-risk", "Sum the revenue that open incidents put at risk"), authz.ReadCustomers, k.revenue)
	add(t, get("/accounts-at-risk", "List accounts at risk of leaving, those without a plan first"), authz.ReadCustomers, k.atRisk)
	add(t, route.Route{Method: http.MethodPost, Path: "/customers/{id}/retention-plan", Summary: "Write down how an account at risk is kept", Tag: tag}, authz.Respond, k.plan)
	add(t, get("/customers/{id}/incidents", "List the incidents of the last 90 days that touched a customer"), authz.ReadCustomers, k.history)
}

func add[I, O any](t *route.Table, r route.Route, v authz.Verb, h func(context.Context, authz.Actor, time.Time, *I) (*O, error)) {
	route.Register(t, r, route.Needs(v), func(ctx context.Context, c route.Call, in *I) (*O, error) { return h(ctx, c.Actor, c.Now, in) })
}

// IncidentPath names an incident.
type IncidentPath struct {
	ID string `path:"id" maxLength:"40" doc:"INC-42 or 42."`
}

// AlternativeOffer is another way that the catalogue has.
type AlternativeOffer struct {
	Service string `json:"service"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	How     string `json:"how,omitempty"`
	Text    string `json:"text" doc:"What customers read."`
}

// AlternativeUse is another way that is or was in use.
type AlternativeUse struct {
	ID      string    `json:"id"`
	Service string    `json:"service"`
	Way     string    `json:"alternative"`
	Name    string    `json:"name"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	EndedAt time.Time `json:"ended_at,omitzero"`
	EndedBy string    `json:"ended_by,omitempty"`
	Ended   string    `json:"ended,omitempty" doc:"Why."`
}

// Alternatives are the other ways of delivery of an incident.
type Alternatives struct {
	Offers []AlternativeOffer `json:"offers" doc:"Of the services it touches."`
	Used   []AlternativeUse   `json:"used" doc:"The newest first."`
}

func useOf(m *domain.Measure) AlternativeUse {
	return AlternativeUse{ID: m.ID.String(), Service: m.Service, Way: m.Way, Name: m.Name, Reason: m.Reason, By: m.By, At: m.At, EndedAt: m.EndedAt, EndedBy: m.EndBy, Ended: m.End}
}

func (k *Keep) ways(ctx context.Context, a authz.Actor, _ time.Time, in *IncidentPath) (*Answer[Alternatives], error) {
	n, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	got, err := k.Flow.Ways(ctx, a, n)
	if err != nil {
		return nil, err
	}
	return &Answer[Alternatives]{Alternatives{
		Offers: wire.Each(got.Offers, func(o continuity.Offer) AlternativeOffer {
			return AlternativeOffer{Service: o.Service, ID: o.ID, Name: o.Name, How: o.How, Text: o.Text}
		}),
		Used: wire.Each(got.Used, useOf),
	}}, nil
}

// NewAlternative is another way to be used.
type NewAlternative struct {
	IncidentPath
	Body struct {
		Service     string `json:"service" maxLength:"64"`
		Alternative string `json:"alternative" maxLength:"64" doc:"Its id at the service."`
		Reason      string `json:"reason" minLength:"1" maxLength:"10000"`
	}
}

func (k *Keep) activate(ctx context.Context, a authz.Actor, now time.Time, in *NewAlternative) (*Answer[AlternativeUse], error) {
	n, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	m, err := k.Flow.Activate(ctx, a, n, in.Body.Service, in.Body.Alternative, in.Body.Reason, now)
	return &Answer[AlternativeUse]{useOf(&m)}, err
}

// EndAlternative ends one.
type EndAlternative struct {
	IncidentPath
	Use  string `path:"use" maxLength:"40"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"10000"`
	}
}

func (k *Keep) end(ctx context.Context, a authz.Actor, now time.Time, in *EndAlternative) (*Answer[AlternativeUse], error) {
	n, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	id, err := ident.Parse(in.Use)
	if err != nil {
		return nil, authz.NotFound("alternative", in.Use)
	}
	m, err := k.Flow.End(ctx, a, n, id, in.Body.Reason, now)
	return &Answer[AlternativeUse]{useOf(&m)}, err
}

// NewMitigation is what is done about revenue at risk.
type NewMitigation struct {
	IncidentPath
	Body struct {
		Customer string `json:"customer,omitempty" maxLength:"64" doc:"Absent: all affected ones."`
		Text     string `json:"text" minLength:"1" maxLength:"10000"`
		Amount   int64  `json:"amount_usd,omitempty" minimum:"0" doc:"Yearly revenue that it secures, whole US dollars."`
	}
}

// MitigationRecord is what was done about revenue at risk.
type MitigationRecord struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer,omitempty" doc:"Absent: all affected ones."`
	Text     string    `json:"text"`
	Amount   int64     `json:"amount_usd,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

func mitigationOf(m *domain.Measure) MitigationRecord {
	return MitigationRecord{ID: m.ID.String(), Customer: m.Customer, Text: m.Text, Amount: m.Amount, By: m.By, At: m.At}
}

func (k *Keep) mitigate(ctx context.Context, a authz.Actor, now time.Time, in *NewMitigation) (*Answer[MitigationRecord], error) {
	n, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	m, err := k.Flow.Mitigate(ctx, a, n, in.Body.Customer, in.Body.Text, in.Body.Amount, now)
	return &Answer[MitigationRecord]{mitigationOf(&m)}, err
}

// RevenueAtRisk is what incidents put at risk, in whole US dollars a year.
type RevenueAtRisk struct {
	Accounts  int               `json:"accounts" doc:"A customer whom several incidents touch counts once."`
	ARR       int64             `json:"arr_usd"`
	Secured   int64             `json:"secured_usd" doc:"By what was written down."`
	Incidents []RevenueIncident `json:"incidents"`
}

// RevenueIncident is the revenue of one incident.
type RevenueIncident struct {
	Incident    string             `json:"incident" example:"INC-42"`
	Title       string             `json:"title"`
	Severity    string             `json:"severity" enum:"P1,P2,P3,P4"`
	Since       time.Time          `json:"since"`
	Accounts    int                `json:"accounts"`
	ARR         int64              `json:"arr_usd"`
	Mitigations []MitigationRecord `json:"mitigations" doc:"The newest first."`
}

func (k *Keep) revenue(ctx context.Context, a authz.Actor, _ time.Time, _ *struct{}) (*Answer[RevenueAtRisk], error) {
	return k.sum(ctx, a, 0)
}

func (k *Keep) revenueOf(ctx context.Context, a authz.Actor, _ time.Time, in *IncidentPath) (*Answer[RevenueAtRisk], error) {
	n, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	return k.sum(ctx, a, n)
}

func (k *Keep) sum(ctx context.Context, a authz.Actor, number int64) (*Answer[RevenueAtRisk], error) {
	got, err := k.Flow.Revenue(ctx, a, number)
	if err != nil {
		return nil, err
	}
	return &Answer[RevenueAtRisk]{RevenueAtRisk{
		Accounts: got.Accounts, ARR: got.ARR, Secured: got.Secured,
		Incidents: wire.Each(got.Incidents, func(s continuity.AtStake) RevenueIncident {
			return RevenueIncident{Incident: incident.Ref(s.Number), Title: s.Title, Severity: s.Severity, Since: s.Since, Accounts: s.Accounts, ARR: s.ARR, Mitigations: wire.Each(s.Mitigations, mitigationOf)}
		}),
	}}, nil
}

// AccountAtRisk is an account at risk of leaving.
type AccountAtRisk struct {
	Customer  string    `json:"customer"`
	Since     time.Time `json:"since"`
	Score     int       `json:"score" doc:"0 to 100, the higher the worse."`
	Why       []string  `json:"why" doc:"In words."`
	Incidents []string  `json:"incidents" doc:"That count."`
	Owner     string    `json:"owner,omitempty" doc:"Person who is to plan."`
	DueAt     time.Time `json:"due_at" doc:"Of the plan."`
	Plan      string    `json:"plan,omitempty" doc:"Absent: it is still to be written."`
	PlanBy    string    `json:"plan_by,omitempty"`
	PlanAt    time.Time `json:"plan_at,omitzero"`
}

func riskOf(m *domain.Measure) AccountAtRisk {
	return AccountAtRisk{
		Customer: m.Customer, Since: m.At, Score: m.Score, Why: record.Filled(m.Why), Incidents: wire.Each(m.Numbers, incident.Ref),
		Owner: m.Owner, DueAt: m.Due, Plan: m.Text, PlanBy: m.PlanBy, PlanAt: m.PlanAt,
	}
}

func (k *Keep) atRisk(ctx context.Context, a authz.Actor, _ time.Time, in *route.Whole) (*route.Reply[route.List[AccountAtRisk]], error) {
	all, err := k.Success.AtRisk(ctx, a)
	if err != nil {
		return nil, err
	}
	return route.Of(*in, all, riskOf, func(r AccountAtRisk) string { return r.Customer })
}

// RetentionPlan is how an account is kept.
type RetentionPlan struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Plan string `json:"plan" minLength:"1" maxLength:"10000"`
	}
}

func (k *Keep) plan(ctx context.Context, a authz.Actor, now time.Time, in *RetentionPlan) (*Answer[AccountAtRisk], error) {
	m, err := k.Success.PlanRetention(ctx, a, in.ID, in.Body.Plan, now)
	return &Answer[AccountAtRisk]{riskOf(&m)}, err
}

// CustomerHistory names a customer.
type CustomerHistory struct {
	ID string `path:"id" maxLength:"64"`
	route.Whole
}

// CustomerIncident is an incident that touched a customer.
type CustomerIncident struct {
	Incident string    `json:"incident" example:"INC-42"`
	Title    string    `json:"title"`
	Severity string    `json:"severity" enum:"P1,P2,P3,P4" doc:"The highest it held."`
	Status   string    `json:"status"`
	From     time.Time `json:"from" doc:"Of impact."`
	Until    time.Time `json:"until,omitzero" doc:"Absent: it lasts."`
}

func (k *Keep) history(ctx context.Context, a authz.Actor, now time.Time, in *CustomerHistory) (*route.Reply[route.List[CustomerIncident]], error) {
	all, err := k.Flow.History(ctx, a, in.ID, now)
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, all, func(t continuity.Touched) CustomerIncident {
		return CustomerIncident{Incident: incident.Ref(t.Number), Title: t.Title, Severity: t.Severity, Status: t.Status, From: t.From, Until: t.Until}
	}, func(i CustomerIncident) string { return i.Incident })
}
