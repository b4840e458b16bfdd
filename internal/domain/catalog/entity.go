// Package catalog owns who and what the procedure is about: people, teams,
// services, customers and schedules, the checks on them, and the selections
// drawn from them (who a target of the procedure names, which customers an
// outage touches). The procedure names roles; people live here (reading 26).
// It must not store anything, send anything or know the current time.
package catalog

import (
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
)

// Kind names a sort of catalogue entity.
type Kind string

// The kinds.
const (
	KindPerson      Kind = "person"
	KindTeam        Kind = "team"
	KindService     Kind = "service"
	KindCustomer    Kind = "customer"
	KindSchedule    Kind = "schedule"
	KindPolicy      Kind = "policy"
	KindCheck       Kind = "check"
	KindVendor      Kind = "vendor"
	KindFeed        Kind = "feed"
	KindRoom        Kind = "room"
	KindPartner     Kind = "partner"
	KindAction      Kind = "action"
	KindStakeholder Kind = "stakeholder"
	KindComponent   Kind = "component" // a part of the product as the status page shows it
)

// Kinds lists the kinds in the order a newcomer meets them.
var Kinds = [...]Kind{KindPerson, KindTeam, KindService, KindSchedule, KindPolicy, KindCheck, KindCustomer, KindVendor, KindFeed, KindRoom, KindPartner, KindAction, KindStakeholder, KindComponent}

// Entity is a Person, Team, Service, Customer, Schedule, Policy, SyntheticCheck,
// Vendor, Feed, Room, Partner, Action, Stakeholder or Component.
type Entity interface {
	Kind() Kind
	Key() string
	check(c *checker, look Lookup)
}

// Person is somebody who can be told or paged.
type Person struct {
	ID       string    `json:"id" yaml:"id"`
	Name     string    `json:"name" yaml:"name"`
	Title    string    `json:"title,omitempty" yaml:"title"`
	Email    string    `json:"email,omitempty" yaml:"email"`
	Level    int       `json:"level,omitempty" yaml:"level"`         // 1..3 of the escalation matrix, 0: none
	Area     string    `json:"area,omitempty" yaml:"area"`           // platform or applications, for managers and engineers
	TimeZone string    `json:"time_zone,omitempty" yaml:"time_zone"` // IANA name
	Teams    []string  `json:"teams,omitempty" yaml:"teams"`
	Roles    []string  `json:"roles,omitempty" yaml:"roles"` // of the procedure, such as vp-engineering
	Deputy   string    `json:"deputy,omitempty" yaml:"deputy"`
	Manager  string    `json:"manager,omitempty" yaml:"manager"`
	Contacts []Contact `json:"contacts,omitempty" yaml:"contacts"`
	Absent   []Absence `json:"absent,omitempty" yaml:"absent"`
	Skills   []string  `json:"skills,omitempty" yaml:"skills"` // what to ask them for, such as database (TEAM-SME)

	Rules      ContactRules `json:"rules,omitzero" yaml:"rules"`
	QuietHours QuietHours   `json:"quiet_hours,omitzero" yaml:"quiet_hours"`
	// NoHandoverNotices is the person's own wish not to be told when a turn
	// begins or ends. Pages do not ask for it.
	NoHandoverNotices bool `json:"no_handover_notices,omitempty" yaml:"no_handover_notices"`
}

// Contact is one way to reach a person.
type Contact struct {
	Channel  string `json:"channel" yaml:"channel"` // see Channels
	Address  string `json:"address" yaml:"address"` // mail address, E.164 number, user id or URL
	Verified bool   `json:"verified,omitempty" yaml:"verified"`
	Label    string `json:"label,omitempty" yaml:"label"`
}

// Channels are the ways a person can be reached.
var Channels = []string{"email", "sms", "voice", "push", "webhook", "slack", "ntfy", "teams", "mattermost", "discord", "telegram", "pagerduty"}

// Absence is a time, half-open, in which the deputy stands in.
type Absence struct {
	From   time.Time `json:"from" yaml:"from"`
	Until  time.Time `json:"until" yaml:"until"`
	Reason string    `json:"reason,omitempty" yaml:"reason"`
	// Source is FromCalendar where a calendar of the person says so, which alone
	// can end it; empty where somebody wrote it.
	Source string `json:"source,omitempty" yaml:"source"`
}

// FromCalendar is the source of an absence that a calendar says.
const FromCalendar = "calendar"

// Written are the absences that somebody wrote by hand.
func (p *Person) Written() []Absence { return p.absences("") }

// FromCalendars are the absences that the person's calendars say.
func (p *Person) FromCalendars() []Absence { return p.absences(FromCalendar) }

func (p *Person) absences(source string) []Absence {
	var out []Absence
	for _, a := range p.Absent {
		if a.Source == source {
			out = append(out, a)
		}
	}
	return out
}

// AbsentAt reports whether the person is away at t.
func (p *Person) AbsentAt(t time.Time) bool {
	for _, a := range p.Absent {
		if !t.Before(a.From) && t.Before(a.Until) {
			return true
		}
	}
	return false
}

// Team is a group of people with a lead.
type Team struct {
	ID           string   `json:"id" yaml:"id"`
	Name         string   `json:"name" yaml:"name"`
	Description  string   `json:"description,omitempty" yaml:"description"`
	Area         string   `json:"area,omitempty" yaml:"area"`
	Lead         string   `json:"lead,omitempty" yaml:"lead"`
	Members      []string `json:"members,omitempty" yaml:"members"`
	Availability string   `json:"availability,omitempty" yaml:"availability"` // always (empty), business_hours or on_call
	// Otherwise is the target told instead of a business_hours team outside
	// them (ESC-XF-CSM), such as role:vp-customer-success.
	Otherwise string `json:"otherwise,omitempty" yaml:"otherwise"`
}

// Availabilities are the values of Team.Availability.
var Availabilities = []string{"", Always, BusinessHours, OnCall}

// When a team can be reached.
const (
	Always        = "always"
	BusinessHours = "business_hours"
	OnCall        = "on_call"
)

// Service is a thing that is monitored, owned and restored.
type Service struct {
	ID               string             `json:"id" yaml:"id"`
	Name             string             `json:"name" yaml:"name"`
	Description      string             `json:"description,omitempty" yaml:"description"`
	OwnerTeam        string             `json:"owner_team,omitempty" yaml:"owner_team"`
	Area             string             `json:"area,omitempty" yaml:"area"` // decides the engineering manager (reading 13)
	DependsOn        []string           `json:"depends_on,omitempty" yaml:"depends_on"`
	RestorationRank  int                `json:"restoration_rank" yaml:"restoration_rank"` // 1 is restored first (RES-PRIO-*)
	CriticalFunction bool               `json:"critical_function" yaml:"critical_function"`
	MaxSeverity      procedure.Severity `json:"max_severity,omitzero" yaml:"max_severity"`            // never suggest above it; none: no limit
	EscalationPolicy string             `json:"escalation_policy,omitempty" yaml:"escalation_policy"` // none: the procedure's chain
	Component        string             `json:"component,omitempty" yaml:"component"`                 // of the status page: the id of one, or a public name; none: not public
	Regions          []string           `json:"regions,omitempty" yaml:"regions"`
	Products         []string           `json:"products,omitempty" yaml:"products"`
	Links            []ServiceLink      `json:"links,omitempty" yaml:"links"`   // to its logs, traces and dashboards elsewhere
	Probes           []string           `json:"probes,omitempty" yaml:"probes"` // URLs and host:port that may be measured, beside those of its checks
	Alternatives     []Alternative      `json:"alternatives,omitempty" yaml:"alternatives"`
}

// ServiceLink is an address elsewhere that is filled in for a time: {{service}},
// {{from}} and {{until}} as RFC 3339, {{from_s}} and {{until_s}} in seconds,
// {{from_ms}} and {{until_ms}} in milliseconds (INV-TRI-LOGS).
type ServiceLink struct {
	Name string `json:"name" yaml:"name"`
	URL  string `json:"url" yaml:"url"`
}

// Alternative is another way to deliver a service while it is out, such as a
// read-only mode, cached dashboards or exports by mail (DRB-BCP-ALT).
type Alternative struct {
	ID   string `json:"id" yaml:"id"`
	Name string `json:"name" yaml:"name"`
	How  string `json:"how,omitempty" yaml:"how"` // how we switch it on; for us
	Text string `json:"text" yaml:"text"`         // what customers read: what they can do meanwhile
}

// Alternative finds a way by its id.
func (s *Service) Alternative(id string) (Alternative, bool) {
	for _, a := range s.Alternatives {
		if a.ID == id {
			return a, true
		}
	}
	return Alternative{}, false
}

// Ranks of restoration.
const (
	FirstRank = 1
	LastRank  = 6
)

// Customer is a company that uses the product.
type Customer struct {
	ID             string            `json:"id" yaml:"id"`
	External       string            `json:"external_id,omitempty" yaml:"external_id"` // its id where customers are managed, such as the CRM
	Name           string            `json:"name" yaml:"name"`
	Status         string            `json:"status,omitempty" yaml:"status"`         // see CustomerStatuses; empty: active
	ChurnRisk      string            `json:"churn_risk,omitempty" yaml:"churn_risk"` // as the CRM sees it; see ChurnRisks
	Code           string            `json:"code,omitempty" yaml:"code"`             // digits to type on the emergency line
	Tier           string            `json:"tier" yaml:"tier"`                       // enterprise or standard
	VIP            bool              `json:"vip" yaml:"vip"`
	MajorAccount   bool              `json:"major_account" yaml:"major_account"`
	Region         string            `json:"region,omitempty" yaml:"region"`
	Products       []string          `json:"products,omitempty" yaml:"products"`
	Services       []string          `json:"services,omitempty" yaml:"services"` // used directly, beside what the products need
	Domains        []string          `json:"domains,omitempty" yaml:"domains"`   // mail domains, to know a sender by
	Contacts       []CustomerContact `json:"contacts,omitempty" yaml:"contacts"`
	Slack          string            `json:"slack_channel,omitempty" yaml:"slack_channel"`   // id of a channel shared with them by Slack Connect
	Teams          string            `json:"teams_workflow,omitempty" yaml:"teams_workflow"` // name of a workflow in the settings of Teams that posts where they read
	AccountManager string            `json:"account_manager,omitempty" yaml:"account_manager"`
	Contract       Contract          `json:"contract" yaml:"contract"`
	ARR            int64             `json:"arr_usd,omitempty" yaml:"arr_usd"` // yearly revenue in whole US dollars
}

// Lost is the status of a customer who is one no longer: no incident touches them.
const Lost = "lost"

// CustomerStatuses are the values of Customer.Status.
var CustomerStatuses = []string{"", "active", "trial", "leaving", Lost}

// ChurnRisks are the values of Customer.ChurnRisk.
var ChurnRisks = []string{"", "low", "medium", "high"}

// Tiers of a customer.
const (
	Enterprise = "enterprise"
	Standard   = "standard"
)

// CustomerContact is a person at a customer.
type CustomerContact struct {
	Name     string   `json:"name" yaml:"name"`
	Email    string   `json:"email,omitempty" yaml:"email"`
	Phone    string   `json:"phone,omitempty" yaml:"phone"`       // E.164
	Channels []string `json:"channels,omitempty" yaml:"channels"` // wanted ones of CustomerChannels; none: e-mail
}

// CustomerChats are the channels over which a customer's own chat is reached.
var CustomerChats = []string{"slack", "teams"}

// Chat is where the customer reads what goes over one of CustomerChats; empty when
// nowhere.
func (k *Customer) Chat(channel string) string {
	switch channel {
	case "slack":
		return k.Slack
	case "teams":
		return k.Teams
	}
	return ""
}

// CustomerChannels are the ways a customer's contact can be told.
var CustomerChannels = []string{"email", "sms", "in_app", "phone"}

// Contract is what was promised to the customer.
type Contract struct {
	UptimePercent float64    `json:"uptime_percent,omitempty" yaml:"uptime_percent"` // per month
	NotifyWithin  recur.Span `json:"notify_within,omitzero" yaml:"notify_within"`    // of declaration; zero: as the procedure says
	Custom        bool       `json:"custom,omitempty" yaml:"custom"`
	Regimes       []string   `json:"regimes,omitempty" yaml:"regimes"` // gdpr, hipaa ...

	// What service credits are computed from (FUP-CR-CALC), in hundredths of the currency.
	Currency          string           `json:"currency,omitempty" yaml:"currency"`                     // ISO 4217; none: USD
	MonthlyFee        int64            `json:"monthly_fee_cents,omitempty" yaml:"monthly_fee_cents"`   // of everything
	ProductFees       map[string]int64 `json:"product_fees_cents,omitempty" yaml:"product_fees_cents"` // a month, instead of MonthlyFee
	CreditSchedule    string           `json:"credit_schedule,omitempty" yaml:"credit_schedule"`       // of the procedure; none: its first
	CreditDegradation bool             `json:"credit_degradation,omitempty" yaml:"credit_degradation"` // degradation counts as downtime
	TimeZone          string           `json:"time_zone,omitempty" yaml:"time_zone"`                   // whose months count, IANA; none: UTC
}

// Schedule is an on-call schedule under its id. The document is the same as in
// a schedule file; the id is not part of it.
type Schedule struct {
	ID       string
	Document *oncall.Schedule
}

// Kind is KindPerson.
func (Person) Kind() Kind { return KindPerson }

// Key is the person's id.
func (p Person) Key() string { return p.ID }

// Kind is KindTeam.
func (Team) Kind() Kind { return KindTeam }

// Key is the team's id.
func (t Team) Key() string { return t.ID }

// Kind is KindService.
func (Service) Kind() Kind { return KindService }

// Key is the service's id.
func (s Service) Key() string { return s.ID }

// Kind is KindCustomer.
func (Customer) Kind() Kind { return KindCustomer }

// Key is the customer's id.
func (k Customer) Key() string { return k.ID }

// Kind is KindSchedule.
func (Schedule) Kind() Kind { return KindSchedule }

// Key is the schedule's id.
func (s Schedule) Key() string { return s.ID }
