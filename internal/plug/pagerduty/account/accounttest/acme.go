package accounttest

import (
	"time"

	"allclear/internal/plug/pagerduty/account"
)

// Now is a Monday, six days before the clocks of New York are set forward.
var Now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func at(zone string, year int, month time.Month, day, hour, minute int) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // the zones are in the binary
	}
	return time.Date(year, month, day, hour, minute, 0, 0, loc)
}

func user(id string) account.Reference {
	return account.Reference{ID: id, Type: "user_reference", Summary: id}
}

// Users makes a rotation.
func Users(ids ...string) (out []account.LayerUser) {
	for _, id := range ids {
		out = append(out, account.LayerUser{User: user(id)})
	}
	return out
}

// Acme is a small company in New York with everything an account may have.
func Acme() *Account {
	const ny = "America/New_York"
	off, ended := 14400, at(ny, 2026, 1, 1, 0, 0)
	email := func(id, address string) account.ContactMethod {
		return account.ContactMethod{ID: id, Type: "email_contact_method", Label: "Default", Address: address}
	}
	rule := func(minutes int, urgency, kind, id string) account.Rule {
		return account.Rule{Type: "assignment_notification_rule", Delay: minutes, Urgency: urgency, Contact: account.Reference{ID: id, Type: kind}}
	}
	return &Account{Account: account.Account{
		Users: []account.User{
			{
				ID: "PANA", Name: "Ana Example", Email: "Ana@example.com", JobTitle: "Engineer", TimeZone: ny,
				Contacts: []account.ContactMethod{
					email("C1", "Ana@example.com"),
					{ID: "C2", Type: "phone_contact_method", Label: "Work", Address: "(555) 010-0001", CountryCode: 1},
					{ID: "C3", Type: "sms_contact_method", Label: "Mobile", Address: "5550100001", CountryCode: 1},
					{ID: "C4", Type: "push_notification_contact_method", Label: "Ana's phone", Address: "d3v1c3t0k3n"},
				},
				Rules: []account.Rule{
					rule(0, "high", "push_notification_contact_method_reference", "C4"), rule(2, "high", "sms_contact_method_reference", "C3"),
					rule(5, "high", "phone_contact_method", "C2"), rule(0, "low", "email_contact_method", "C1"),
				},
			},
			{ID: "PBO", Name: "Bo Example", Email: "bo@example.com", TimeZone: "Eastern Time (US & Canada)", Contacts: []account.ContactMethod{email("C5", "bo@example.com"), email("C6", "bo@home.example")}},
			{ID: "PCY", Name: "Cy Example", Email: "cy@example.com", TimeZone: "Europe/Berlin", Contacts: []account.ContactMethod{
				{ID: "C7", Type: "sms_contact_method", Label: "Mobile", Address: "151 5550 0007", CountryCode: 49},
				{ID: "C8", Type: "phone_contact_method", Label: "Old", Address: "1", CountryCode: 1},
				{ID: "C9", Type: "sms_contact_method", Label: "Stopped", Address: "5550100009", CountryCode: 1, Blacklisted: true},
			}},
		},
		Teams: []account.Team{{
			ID: "T1", Name: "Platform Team", Description: "Keeps it running", Parent: &account.Reference{ID: "T0", Summary: "Engineering"},
			Members: []account.Member{{User: user("PANA"), Role: "manager"}, {User: user("PBO"), Role: "responder"}, {User: user("PGONE"), Role: "observer"}},
		}},
		Schedules: []account.Schedule{{
			ID: "S1", Name: "Primary", TimeZone: ny,
			Layers: []account.Layer{
				{ID: "L0", Name: "Before", Start: at(ny, 2024, 1, 1, 9, 0), End: &ended, VirtualStart: at(ny, 2024, 1, 1, 9, 0), TurnSeconds: 86400, Users: Users("PCY")},
				{ID: "L1", Name: "Week", Start: at(ny, 2026, 1, 5, 14, 30), VirtualStart: at(ny, 2025, 11, 3, 9, 0), TurnSeconds: 604800, Users: Users("PANA", "PBO", "PCY")},
				{ID: "L2", Name: "Nights", Start: at(ny, 2026, 1, 1, 0, 0), VirtualStart: at(ny, 2026, 1, 1, 20, 0), TurnSeconds: 86400, Users: Users("PBO", "PCY"), Restrictions: []account.Restriction{{Type: "daily_restriction", StartTime: "20:00:00", Seconds: 10 * 3600}}},
			},
			Overrides: []account.Override{{ID: "O1", Start: at(ny, 2026, 3, 4, 8, 0), End: at(ny, 2026, 3, 4, 16, 0), User: user("PANA")}},
		}},
		Policies: []account.Policy{{
			ID: "E1", Name: "Default", Loops: 2, Rules: []account.Escalation{
				{Delay: 10, Targets: []account.Reference{{ID: "S1", Type: "schedule_reference"}}},
				{Delay: 20, Targets: []account.Reference{user("PANA"), user("PGONE")}},
			},
		}},
		Services: []account.Service{
			{ID: "V1", Name: "Checkout API", Policy: account.Reference{ID: "E1"}, Teams: []account.Reference{{ID: "T1"}}, Integrations: []account.Reference{{ID: "I1"}}, AutoResolve: &off},
			{ID: "V2", Name: "Old", Status: "disabled", Policy: account.Reference{ID: "E1"}},
		},
	}}
}
