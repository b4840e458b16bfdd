package party

import (
	"allclear/internal/base/recur"
	"allclear/internal/edge/api/wire"
)

// Alternative is another way to deliver a service.
type Alternative struct {
	ID   string `json:"id" maxLength:"64"`
	Name string `json:"name" maxLength:"500" example:"Read-only mode"`
	How  string `json:"how,omitempty" maxLength:"8000" doc:"How we switch it on."`
	Text string `json:"text" minLength:"1" maxLength:"8000" doc:"What customers read: what they can do meanwhile."`
}

// StakeholderFields are what is known of a stakeholder. Contacts and notes are left
// out for those who may not read customers.
type StakeholderFields struct {
	Name     string            `json:"name" maxLength:"500"`
	Group    string            `json:"group" enum:"investor,partner,regulator,key_account,insurer,other"`
	Owner    string            `json:"owner,omitempty" maxLength:"200" doc:"Target who keeps the relationship; absent: as the procedure says." example:"role:ceo"`
	Customer string            `json:"customer,omitempty" maxLength:"64" doc:"Of a key account: told when it is affected."`
	Contacts []CustomerContact `json:"contacts,omitempty" maxItems:"200"`
	Notes    string            `json:"notes,omitempty" maxLength:"8000"`
	Plans    []StakeholderPlan `json:"plans,omitempty" maxItems:"4" doc:"One for each class of incidents."`
}

// StakeholderPlan is how a stakeholder is told of incidents of a class.
type StakeholderPlan struct {
	Class  string     `json:"class" enum:"critical,extended,security,regulated"`
	Within recur.Span `json:"within,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 10m or 1h30m" doc:"After the class applies; absent: as the procedure says."`
	How    string     `json:"how,omitempty" maxLength:"500" example:"by phone, then in writing"`
}

// Stakeholder is somebody outside who has to hear from us when it is serious.
type Stakeholder struct {
	ID string `json:"id"`
	StakeholderFields
	wire.Stamp
}

// NewStakeholder is what a stakeholder is made or replaced with.
type NewStakeholder struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	StakeholderFields
}
