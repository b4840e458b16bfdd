// Package procedure owns the written procedure as data: severities, clocks,
// the escalation chain, rules and texts, as an owner may edit them. It reads
// and checks them; it must not know people, hold state or do anything.
package procedure

import (
	"strings"
	"time"

	"allclear/internal/base/recur"
)

// Procedure is one version of a company's incident procedure.
type Procedure struct {
	Schema        int                   `yaml:"schema" json:"schema"`
	Name          string                `yaml:"name" json:"name"`
	Document      Document              `yaml:"document" json:"document"`
	Context       Context               `yaml:"context" json:"context"`
	BusinessHours *BusinessHours        `yaml:"business_hours" json:"business_hours"`
	Severities    map[string]Definition `yaml:"severities" json:"severities"`
	Matrix        Matrix                `yaml:"matrix" json:"matrix"`
	Hints         map[string]Hint       `yaml:"hints" json:"hints"`
	Suspicion     Suspicion             `yaml:"suspicion" json:"suspicion"`
	Clocks        []Clock               `yaml:"clocks" json:"clocks"`
	Chain         Chain                 `yaml:"chain" json:"chain"`
	Levels        []Level               `yaml:"levels" json:"levels"`
	Roles         []Role                `yaml:"roles" json:"roles"`
	Schedules     []string              `yaml:"schedules" json:"schedules"`
	Teams         []string              `yaml:"teams" json:"teams"`
	Areas         []string              `yaml:"areas" json:"areas"`
	Paging        Paging                `yaml:"paging" json:"paging"`
	Communication Communication         `yaml:"communication" json:"communication,omitzero"`
	Mailboxes     []Mailbox             `yaml:"mailboxes" json:"mailboxes,omitempty"`
	Noise         Noise                 `yaml:"noise" json:"noise"`
	Metrics       []MetricRule          `yaml:"metric_rules" json:"metric_rules,omitempty"`
	Tickets       *Tickets              `yaml:"tickets" json:"tickets,omitempty"`
	HealthChecks  *HealthChecks         `yaml:"health_checks" json:"health_checks,omitempty"`
	Retention     *Retention            `yaml:"retention" json:"retention,omitempty"`
	WarRoom       *WarRoom              `yaml:"war_room" json:"war_room,omitempty"`
	Aftermath     *Aftermath            `yaml:"aftermath" json:"aftermath,omitempty"`
	Review        *Review               `yaml:"review" json:"review,omitempty"`
	Actions       *Actions              `yaml:"actions" json:"actions,omitempty"`
	Credits       *Credits              `yaml:"credits" json:"credits,omitempty"`
	Rules         []Rule                `yaml:"rules" json:"rules"`
	Texts         map[string]Text       `yaml:"texts" json:"texts"`
	KPIs          []KPI                 `yaml:"kpis" json:"kpis"`
	Words         map[string]string     `yaml:"words" json:"words"`
	Readings      map[string]string     `yaml:"readings" json:"readings"`

	calendar *recur.Calendar
}

// Document is the procedure's own control sheet (DOC-*).
type Document struct {
	Title           string   `yaml:"title" json:"title"`
	Subtitle        string   `yaml:"subtitle" json:"subtitle"`
	Company         string   `yaml:"company" json:"company"`
	Department      string   `yaml:"department" json:"department"`
	Version         string   `yaml:"version" json:"version"`
	Date            string   `yaml:"date" json:"date"`
	NextReview      string   `yaml:"next_review" json:"next_review"`
	Owner           string   `yaml:"owner" json:"owner"`
	PreparedBy      string   `yaml:"prepared_by" json:"prepared_by"`
	ReviewedBy      string   `yaml:"reviewed_by" json:"reviewed_by"`
	ApprovedBy      string   `yaml:"approved_by" json:"approved_by"`
	ApprovalStatus  string   `yaml:"approval_status" json:"approval_status"`
	Distribution    []string `yaml:"distribution" json:"distribution"`
	Confidentiality string   `yaml:"confidentiality" json:"confidentiality"`
}

// Context is what the procedure says about the service it protects.
type Context struct {
	EnterpriseCustomers int     `yaml:"enterprise_customers" json:"enterprise_customers"`
	UptimePercent       float64 `yaml:"uptime_percent" json:"uptime_percent"`
	UptimePeriod        string  `yaml:"uptime_period" json:"uptime_period"`
}

// BusinessHours are when P3 and P4 clocks run (reading 8).
type BusinessHours struct {
	TimeZone string   `yaml:"time_zone" json:"time_zone"`
	Days     []string `yaml:"days" json:"days"`
	Start    string   `yaml:"start" json:"start"`
	End      string   `yaml:"end" json:"end"`
	Holidays []string `yaml:"holidays" json:"holidays"`
}

// Definition describes one severity.
type Definition struct {
	Name      string     `yaml:"name" json:"name"`
	Meaning   string     `yaml:"meaning" json:"meaning"`
	Clause    string     `yaml:"clause" json:"clause"`
	Scenarios []Scenario `yaml:"scenarios" json:"scenarios"`
	Review    string     `yaml:"review" json:"review"`     // required | optional | none
	WarRoom   string     `yaml:"war_room" json:"war_room"` // full | virtual | none
	Impact    string     `yaml:"impact" json:"impact"`     // on the status page
}

// Scenario is a named example of a severity (SEV-P1-EX1 and so on).
type Scenario struct {
	ID     string   `yaml:"id" json:"id"`
	Text   string   `yaml:"text" json:"text"`
	Clause string   `yaml:"clause" json:"clause"`
	Flags  []string `yaml:"flags" json:"flags,omitempty"` // restricted, security, data_integrity, single_tenant, not_counted
}

// Matrix proposes a severity from impact and urgency (RSP-S2-SEV).
type Matrix struct {
	Impact  []string                       `yaml:"impact" json:"impact"`
	Urgency []string                       `yaml:"urgency" json:"urgency"`
	Cells   map[string]map[string]Severity `yaml:"cells" json:"cells"`
}

// Hint maps a source's own severity word to ours (reading 1).
type Hint struct {
	Critical Severity `yaml:"critical_function" json:"critical_function"` // on a service marked critical_function
	Other    Severity `yaml:"other" json:"other"`
}

// Suspicion says when a suspected P1 or P2 declares itself (reading 2).
type Suspicion struct {
	DeclareAfter recur.Span `yaml:"declare_after" json:"declare_after"`
}

// Chain is the escalation chain (ESC-CHAIN-1..5, reading 13).
type Chain struct {
	Steps       []Step     `yaml:"steps" json:"steps"`
	RepeatEvery recur.Span `yaml:"repeat_every" json:"repeat_every"`
	AckExpires  recur.Span `yaml:"ack_expires" json:"ack_expires,omitzero"` // of an acknowledgement, unless somebody engages; zero: never
	Text        string     `yaml:"text" json:"text"`                        // of its pages
	NoticeText  string     `yaml:"notice_text" json:"notice_text"`          // of its notices
}

// Step pages Target After the chain's start. By says, per severity, while
// what the step still pages, and whether it gives a notice otherwise.
type Step struct {
	Clause string              `yaml:"clause" json:"clause"`
	Target string              `yaml:"target" json:"target"`
	After  recur.Span          `yaml:"after" json:"after"`
	By     map[string]StepRule `yaml:"by" json:"by"`
}

// StepRule is one severity's row of a step.
type StepRule struct {
	While Condition `yaml:"while" json:"while"`         // always | unacknowledged | unresolved
	Else  string    `yaml:"else" json:"else,omitempty"` // "" or notice
}

// Condition is a state an incident is in.
type Condition string

// Conditions a step or rule can ask for.
const (
	Always         Condition = "always"
	Unacknowledged Condition = "unacknowledged"
	Unresolved     Condition = "unresolved"
	Undeclared     Condition = "undeclared"
)

// Level is a row of the escalation matrix with its response times, which run
// from the moment a person of the level is paged (reading 12).
type Level struct {
	Level    int                   `yaml:"level" json:"level"`
	Name     string                `yaml:"name" json:"name"`
	Members  []string              `yaml:"members" json:"members"`
	Response map[string]recur.Span `yaml:"response" json:"response"`
	Clause   string                `yaml:"clause" json:"clause"`
}

// Role is a named duty that people of the catalogue hold (reading 26).
type Role struct {
	ID     string `yaml:"id" json:"id"`
	Title  string `yaml:"title" json:"title"`
	Drafts bool   `yaml:"drafts" json:"drafts,omitempty"` // who holds it may write messages that others approve
}

// Paging holds the channel order, the texts of pages nobody wrote one for, and
// the fallback of last resort.
type Paging struct {
	Channels     []string `yaml:"channels" json:"channels"` // one after the other
	Notices      []string `yaml:"notices" json:"notices"`   // the first a person has, where a rule says nothing else
	Fallback     string   `yaml:"fallback" json:"fallback"` // a target, paged for what is undeliverable
	FallbackText string   `yaml:"fallback_text" json:"fallback_text"`
	LevelText    string   `yaml:"level_text" json:"level_text"`     // notice to the next step when a level does not answer
	OverdueText  string   `yaml:"overdue_text" json:"overdue_text"` // notice about a task past its time box
}

// Text is a message template; see Words for what {{...}} may stand in it.
type Text struct {
	Subject string `yaml:"subject" json:"subject"`
	Body    string `yaml:"body" json:"body"`
}

// Placeholders are what a text may name as {{word}}.
var Placeholders = []string{"title", "service", "severity", "number", "status", "commander", "clock", "due", "reason", "name", "count", "started", "ended", "duration", "story", "customer", "amount", "month"}

// Fill replaces the placeholders; one without a word becomes empty.
func (t Text) Fill(words map[string]string) (subject, body string) {
	pairs := make([]string, 0, 2*len(Placeholders))
	for _, p := range Placeholders {
		pairs = append(pairs, "{{"+p+"}}", words[p])
	}
	r := strings.NewReplacer(pairs...)
	return r.Replace(t.Subject), r.Replace(t.Body)
}

// KPI defines one figure: from which moment to which, over whom (KPI-*).
type KPI struct {
	ID         string   `yaml:"id" json:"id"`
	Name       string   `yaml:"name" json:"name"`
	Clause     string   `yaml:"clause" json:"clause"`
	Unit       string   `yaml:"unit" json:"unit"`
	Baseline   *float64 `yaml:"baseline" json:"baseline"`
	Target     *float64 `yaml:"target" json:"target"`
	Better     string   `yaml:"better" json:"better"` // "<" or ">": strict
	Population Set      `yaml:"population" json:"population"`
	From       string   `yaml:"from" json:"from"`
	To         string   `yaml:"to" json:"to"`
	Method     string   `yaml:"method" json:"method"`
}

// Calendar is the business calendar; nil business hours give the default of
// reading 8, which lint reports.
func (p *Procedure) Calendar() *recur.Calendar {
	if p.calendar == nil {
		return recur.Default()
	}
	return p.calendar
}

// Suggest maps a source's severity word to a severity (reading 1). A word
// nobody configured suggests P3.
func (p *Procedure) Suggest(word string, criticalFunction bool) Severity {
	h, ok := p.Hints[word]
	if !ok {
		return P3
	}
	if criticalFunction {
		return h.Critical
	}
	return h.Other
}

// Scenario finds a named scenario, by its id or its clause, and its severity.
func (p *Procedure) Scenario(id string) (Scenario, Severity, bool) {
	for _, sev := range Severities {
		for _, s := range p.Severities[sev.String()].Scenarios {
			if s.ID == id || s.Clause == id {
				return s, sev, true
			}
		}
	}
	return Scenario{}, 0, false
}

// LevelOf returns the level with the number.
func (p *Procedure) LevelOf(n int) (Level, bool) {
	for _, l := range p.Levels {
		if l.Level == n {
			return l, true
		}
	}
	return Level{}, false
}

// Clock finds a clock by its id.
func (p *Procedure) Clock(id string) (Clock, bool) {
	for _, c := range p.Clocks {
		if c.ID == id {
			return c, true
		}
	}
	return Clock{}, false
}

// securityDuty is who has a restricted incident in hand at first (reading 18).
const securityDuty = "schedule:security"

// Standby is the target that stands in for the commander while nobody holds
// the role: whom the chain asks first, who commands by acknowledging (reading
// 16); in a restricted incident security on duty.
func (p *Procedure) Standby(restricted bool) string {
	switch {
	case restricted:
		return securityDuty
	case len(p.Chain.Steps) > 0:
		return p.Chain.Steps[0].Target
	}
	return ""
}

// DeclareAfter is when a suspicion nobody judged becomes a declaration.
func (p *Procedure) DeclareAfter(detected time.Time) time.Time {
	return p.Suspicion.DeclareAfter.From(detected, p.Calendar())
}
