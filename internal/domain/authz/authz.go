// Package authz owns who may do what: four roles of people and one of machines, a closed list of verbs and
// one table. Whatever the table does not allow is refused. It must not know
// how somebody signed in, nor read anything stored.
package authz

import (
	"slices"

	"allclear/internal/base/fault"
)

// Role is what an account or token may do in general.
type Role string

// The roles. System is the product itself; no account can have it.
const (
	Admin       Role = "admin"       // runs the installation
	Responder   Role = "responder"   // works incidents
	Stakeholder Role = "stakeholder" // follows incidents
	Auditor     Role = "auditor"     // reads the record, changes nothing
	System      Role = "system"
	// Runner takes runs of actions and does nothing else: of a machine's token.
	Runner Role = "runner"
)

// Roles lists the roles an account can have.
var Roles = []Role{Admin, Responder, Stakeholder, Auditor}

// ParseRole reads a role an account can have.
func ParseRole(s string) (Role, error) {
	if slices.Contains(Roles, Role(s)) {
		return Role(s), nil
	}
	return "", fault.New(fault.Invalid, "role %q: want admin, responder, stakeholder or auditor", s)
}

// ParseMachine reads a role that the token of a machine can have.
func ParseMachine(s string) (Role, error) {
	if Role(s) == Runner {
		return Runner, nil
	}
	return ParseRole(s)
}

// Covers reports whether r may do everything that other may.
func (r Role) Covers(other Role) bool {
	for _, v := range table[other] {
		if !slices.Contains(table[r], v) {
			return false
		}
	}
	return len(table[other]) > 0
}

// Verb is something an actor asks to do.
type Verb string

// The verbs.
const (
	Read            Verb = "read"             // incidents, alerts, schedules, catalogue, reports
	ReadProcedure   Verb = "read procedure"   // the confidential document
	ReadCustomers   Verb = "read customers"   // contacts and contracts
	ReadAudit       Verb = "read audit"       // the audit log and deliveries in full
	Respond         Verb = "respond"          // acknowledge, engage, note, complete tasks
	Declare         Verb = "declare"          // open an incident
	Command         Verb = "command"          // severity, roles, merge, resolve, dismiss, waive
	Communicate     Verb = "communicate"      // write and publish messages and posts
	Draft           Verb = "draft"            // write messages that others approve; a stakeholder only in a role that the procedure lets
	Review          Verb = "review"           // reviews, action items, obligations
	Cover           Verb = "cover"            // overrides of a schedule
	EditContacts    Verb = "edit contacts"    // a person's contacts and absences: one's own, or any as admin
	Escalate        Verb = "escalate"         // ask for executives, page by hand
	ManageCatalog   Verb = "manage catalogue" // people, teams, services, schedules, customers
	ManageProcedure Verb = "manage procedure" // draft, approve, activate
	ManageAccess    Verb = "manage access"    // accounts, tokens, keys, plug-ins
	Compensate      Verb = "compensate"       // credits, goodwill and the ledger of an incident; approval is for executives and Legal
	Export          Verb = "export"           // data out of the installation
	Run             Verb = "run actions"      // take runs that were agreed to, and say how they went
)

var everybody = []Verb{Read, ReadProcedure}

// table is the whole of what is allowed.
var table = map[Role][]Verb{
	Admin: append([]Verb{
		ReadCustomers, ReadAudit, Respond, Declare, Command, Communicate, Draft, Review, Cover, EditContacts, Escalate,
		ManageCatalog, ManageProcedure, ManageAccess, Export, Compensate,
	}, everybody...),
	Responder:   append([]Verb{ReadCustomers, Respond, Declare, Command, Communicate, Draft, Review, Cover, EditContacts, Escalate, Compensate}, everybody...),
	Stakeholder: append([]Verb{Declare, Draft, Escalate, EditContacts}, everybody...),
	Auditor:     append([]Verb{ReadCustomers, ReadAudit, Export}, everybody...),
	System:      append([]Verb{ReadCustomers, Respond, Declare, Command, Communicate, Draft, Review, Escalate, Run, Compensate}, everybody...),
	Runner:      {Run},
}

// Actor is who asks.
type Actor struct {
	ID   string // person id; for a token without a person, its name
	Role Role
	Via  string // session, token, slack, sms, voice, hook, system ...
}

// Software is the product acting by itself, such as a clock that ran out.
func Software(via string) Actor { return Actor{ID: "allclear", Role: System, Via: via} }

// Resource is what is asked for. The zero value is anything unrestricted.
type Resource struct {
	Kind string // incident, person, schedule ...
	ID   string
	// Restricted marks a need-to-know incident (reading 18); Circle lists the
	// people who may know of it.
	Restricted bool
	Circle     []string
}

// Can returns nil when the actor may. The error is of kind fault.Refused; for
// a restricted resource and somebody outside its circle, whatever the role, it
// is fault.NotFound, exactly as for one that does not exist.
func Can(a Actor, v Verb, r Resource) error {
	if r.Restricted && a.Role != System && (a.ID == "" || !slices.Contains(r.Circle, a.ID)) {
		return NotFound(r.Kind, r.ID)
	}
	if !slices.Contains(table[a.Role], v) {
		return refused(a, v)
	}
	if v == EditContacts && a.Role != Admin && (a.ID == "" || r.Kind != "person" || r.ID != a.ID) {
		return refused(a, v)
	}
	return nil
}

// NotFound is the one answer for what is missing and for what must look so.
func NotFound(kind, id string) error {
	return fault.New(fault.NotFound, "no %s %q", kind, id)
}

func refused(a Actor, v Verb) error {
	role := string(a.Role)
	if role == "" {
		role = "nobody"
	}
	return fault.New(fault.Refused, "%s: not allowed as %s", v, role)
}
