// Package party owns the shapes of people and customers as the API shows and
// takes them. It holds no routes, and must not judge a value.
package party

import (
	"time"

	"allclear/internal/base/recur"
)

// PersonFields are what is known of somebody who can be told or paged.
type PersonFields struct {
	Name     string    `json:"name" maxLength:"500"`
	Title    string    `json:"title,omitempty" maxLength:"500"`
	Email    string    `json:"email,omitempty" maxLength:"254" doc:"Also a contact, unless contacts has another e-mail."`
	Level    int       `json:"level,omitempty" minimum:"0" maximum:"3" doc:"Of the escalation matrix; absent: none."`
	Area     string    `json:"area,omitempty" maxLength:"64" doc:"platform or applications, for managers and engineers."`
	TimeZone string    `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name."`
	Teams    []string  `json:"teams,omitempty" maxItems:"200"`
	Roles    []string  `json:"roles,omitempty" maxItems:"200" doc:"Of the procedure, such as vp-engineering."`
	Deputy   string    `json:"deputy,omitempty" maxLength:"64" doc:"Stands in during absence."`
	Manager  string    `json:"manager,omitempty" maxLength:"64"`
	Contacts []Contact `json:"contacts,omitempty" maxItems:"200" doc:"Left out for those who may not read them."`
	Absent   []Absence `json:"absent,omitempty" maxItems:"200"`
	Skills   []string  `json:"skills,omitempty" maxItems:"200" doc:"What to ask them for, as sme:SKILL, such as database."`

	Rules             ContactRules `json:"rules,omitzero" required:"false" doc:"How to be paged; absent: in the order of the procedure. Left out for those who may not read contacts."`
	QuietHours        QuietHours   `json:"quiet_hours,omitzero" required:"false" doc:"When notices and pages of low urgency wait; a page of high urgency never does. Left out for those who may not read contacts."`
	NoHandoverNotices bool         `json:"no_handover_notices,omitempty" doc:"Do not tell the person when a turn on call begins or ends."`
}

// ContactRules are how somebody wants to be paged.
type ContactRules struct {
	High []ContactRule `json:"high,omitempty" maxItems:"20" doc:"For P1 and P2; one must be after 0s."`
	Low  []ContactRule `json:"low,omitempty" maxItems:"20" doc:"For the others."`
}

// ContactRule asks for a channel some time after a page.
type ContactRule struct {
	Channel string     `json:"channel" maxLength:"64" doc:"One the person has a contact for."`
	After   recur.Span `json:"after" doc:"After the page, unless it was answered: 0s to 24h."`
}

// QuietHours is a daily window.
type QuietHours struct {
	From     string   `json:"from,omitempty" maxLength:"8" example:"22:00"`
	To       string   `json:"to,omitempty" maxLength:"8" doc:"At or before from: on the next day." example:"07:00"`
	Days     []string `json:"days,omitempty" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun" doc:"Days it begins on; absent: every day."`
	TimeZone string   `json:"time_zone,omitempty" maxLength:"64" doc:"Absent: the person's, else UTC."`
}

// Contact is one way to reach a person.
type Contact struct {
	Channel  string `json:"channel" enum:"email,sms,voice,push,webhook,slack,ntfy,teams,mattermost,discord,telegram,pagerduty"`
	Address  string `json:"address" maxLength:"4096" doc:"Mail address, E.164 number, user id or URL."`
	Verified bool   `json:"verified,omitempty" doc:"Only an administrator can say so."`
	Label    string `json:"label,omitempty" maxLength:"500"`
}

// Absence is a time in which the deputy stands in.
type Absence struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until" doc:"The first instant back."`
	Reason string    `json:"reason,omitempty" maxLength:"500" doc:"Left out for those who may not read contacts."`
	Source string    `json:"source,omitempty" enum:"calendar" doc:"A calendar of the person says so; only there it can be changed. Absent: written by hand."`
}

// CustomerFields are what is known of a customer. Contacts, chats, contract
// and revenue are left out for those who may not read them.
type CustomerFields struct {
	External       string            `json:"external_id,omitempty" maxLength:"500" doc:"Its id where customers are managed, such as the CRM."`
	Name           string            `json:"name" maxLength:"500"`
	Status         string            `json:"status,omitempty" enum:"active,trial,leaving,lost" doc:"Absent: active. No incident touches who is lost."`
	ChurnRisk      string            `json:"churn_risk,omitempty" enum:"low,medium,high" doc:"As the CRM sees it. Left out for those who may not read customers."`
	Tier           string            `json:"tier" enum:"enterprise,standard"`
	VIP            bool              `json:"vip" required:"false"`
	MajorAccount   bool              `json:"major_account" required:"false"`
	Code           string            `json:"code,omitempty" maxLength:"20" pattern:"^[0-9]*$" doc:"Digits to type on the emergency line."`
	Region         string            `json:"region,omitempty" maxLength:"64"`
	Products       []string          `json:"products,omitempty" maxItems:"200" doc:"Neither products nor services: everything."`
	Services       []string          `json:"services,omitempty" maxItems:"200" doc:"Used directly, beside what the products need."`
	Domains        []string          `json:"domains,omitempty" maxItems:"200" doc:"Mail domains, to know a sender by."`
	Contacts       []CustomerContact `json:"contacts,omitempty" maxItems:"200"`
	Slack          string            `json:"slack_channel,omitempty" maxLength:"31" example:"C024BE7LR" doc:"Id of a channel shared with them by Slack Connect: what is mailed to the customer is posted there, too."`
	Teams          string            `json:"teams_workflow,omitempty" maxLength:"64" doc:"Name of a workflow in the settings of Teams that posts where they read, likewise."`
	AccountManager string            `json:"account_manager,omitempty" maxLength:"64" doc:"Person."`
	Contract       Contract          `json:"contract,omitzero"`
	ARR            int64             `json:"arr_usd,omitempty" minimum:"0" doc:"Yearly revenue in whole US dollars."`
}

// CustomerContact is a person at a customer.
type CustomerContact struct {
	Name     string   `json:"name" maxLength:"500"`
	Email    string   `json:"email,omitempty" maxLength:"254"`
	Phone    string   `json:"phone,omitempty" maxLength:"16" doc:"E.164."`
	Channels []string `json:"channels,omitempty" maxItems:"4" enum:"email,sms,in_app,phone" doc:"Wanted ways; none: e-mail."`
}

// Contract is what was promised to a customer.
type Contract struct {
	UptimePercent float64    `json:"uptime_percent,omitempty" minimum:"0" maximum:"100" doc:"Per month."`
	NotifyWithin  recur.Span `json:"notify_within,omitzero" maxLength:"40" doc:"Of declaration, such as 15m; absent: as the procedure says."`
	Custom        bool       `json:"custom,omitempty"`
	Regimes       []string   `json:"regimes,omitempty" maxItems:"200" doc:"Such as gdpr or hipaa."`

	Currency          string           `json:"currency,omitempty" maxLength:"3" example:"USD" doc:"ISO 4217, of the fees; absent: USD."`
	MonthlyFee        int64            `json:"monthly_fee_cents,omitempty" minimum:"0" maximum:"100000000000" doc:"In hundredths of the currency. Service credits are a share of it."`
	ProductFees       map[string]int64 `json:"product_fees_cents,omitempty" doc:"A month, by product, instead of monthly_fee_cents."`
	CreditSchedule    string           `json:"credit_schedule,omitempty" maxLength:"64" doc:"Of the procedure; absent: its first."`
	CreditDegradation bool             `json:"credit_degradation,omitempty" doc:"Degradation counts as downtime, too."`
	TimeZone          string           `json:"time_zone,omitempty" maxLength:"64" example:"America/New_York" doc:"Whose calendar months count; absent: UTC."`
}
