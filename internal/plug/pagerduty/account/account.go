// Package account reads a PagerDuty account over its REST API v2 and writes what
// it finds in the words of our catalogue: people, teams, schedules, escalation
// policies and services. It must not change anything there, decide what is
// applied here, or keep quiet about what cannot be carried over.
//
// Sources: developer.pagerduty.com, REST API reference (users, teams, schedules,
// escalation policies, services, pagination, rate limits); support.pagerduty.com,
// "Schedule Basics" and "REST API Rate Limits".
package account

import "time"

// Account is what is read of an account.
type Account struct {
	Users     []User
	Teams     []Team
	Schedules []Schedule
	Policies  []Policy
	Services  []Service
}

// Reference names another object.
type Reference struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
}

// User is somebody with the ways to reach them.
type User struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Email    string          `json:"email"`
	JobTitle string          `json:"job_title"`
	TimeZone string          `json:"time_zone"`
	Contacts []ContactMethod `json:"contact_methods"`
	Rules    []Rule          `json:"notification_rules"`
}

// ContactMethod is one way to reach a user.
type ContactMethod struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	Label       string `json:"label"`
	Address     string `json:"address"`
	CountryCode int    `json:"country_code"`
	Blacklisted bool   `json:"blacklisted"`
}

// Rule says when a user is notified, and how.
type Rule struct {
	Type    string    `json:"type"`
	Delay   int       `json:"start_delay_in_minutes"`
	Urgency string    `json:"urgency"`
	Contact Reference `json:"contact_method"`
}

// Team is a group of users.
type Team struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Parent      *Reference `json:"parent"`
	Members     []Member   `json:"-"`
}

// Member is a user in a team.
type Member struct {
	User Reference `json:"user"`
	Role string    `json:"role"`
}

// Schedule is an on-call schedule. Layers are in the order of the answer.
type Schedule struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	TimeZone  string     `json:"time_zone"`
	Layers    []Layer    `json:"schedule_layers"`
	Final     Rendered   `json:"final_schedule"`
	Overrides []Override `json:"-"`
}

// Rendered is who is on call, laid out by PagerDuty from now for a while.
type Rendered struct {
	Entries []Override `json:"rendered_schedule_entries"`
}

// Override is a user on call from an instant until another.
type Override struct {
	ID    string    `json:"id"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	User  Reference `json:"user"`
}

// Layer is one rotation.
type Layer struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Start        time.Time     `json:"start"`
	End          *time.Time    `json:"end"`
	VirtualStart time.Time     `json:"rotation_virtual_start"`
	TurnSeconds  int64         `json:"rotation_turn_length_seconds"`
	Users        []LayerUser   `json:"users"`
	Restrictions []Restriction `json:"restrictions"`
}

// LayerUser is a user's place in a rotation.
type LayerUser struct {
	User Reference `json:"user"`
}

// Restriction is when a layer covers.
type Restriction struct {
	Type      string `json:"type"`
	StartTime string `json:"start_time_of_day"`
	StartDay  int    `json:"start_day_of_week"` // 1 is Monday
	Seconds   int    `json:"duration_seconds"`
}

// Policy is an escalation policy.
type Policy struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Loops       int          `json:"num_loops"`
	Rules       []Escalation `json:"escalation_rules"`
}

// Escalation is one rule of a policy: after its delay the next one follows.
type Escalation struct {
	Delay    int         `json:"escalation_delay_in_minutes"`
	Targets  []Reference `json:"targets"`
	Strategy struct {
		Type string `json:"type"`
	} `json:"escalation_rule_assignment_strategy"`
}

// Service is what incidents are about.
type Service struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	Description  string      `json:"description"`
	Status       string      `json:"status"`
	Policy       Reference   `json:"escalation_policy"`
	Teams        []Reference `json:"teams"`
	Integrations []Reference `json:"integrations"`
	AutoResolve  *int        `json:"auto_resolve_timeout"`
	AckTimeout   *int        `json:"acknowledgement_timeout"`
	Urgency      struct {
		Type    string `json:"type"`
		Urgency string `json:"urgency"`
	} `json:"incident_urgency_rule"`
}
