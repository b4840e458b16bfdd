package procedure

// The words a file may use beside those the types list (Triggers, Facts,
// Moments, Starts, Pers, Gates, Placeholders). Lint and the published schema
// check against them.
var (
	Conditions = []string{string(Always), string(Unacknowledged), string(Unresolved), string(Undeclared)}
	Elses      = []string{"notice"}
	Answers    = []string{"join"}
	Flags      = []string{"restricted", "security", "data_integrity", "single_tenant", "not_counted"}
	Reviews    = []string{"required", "optional", "none"}
	WarRooms   = []string{"full", "virtual", "none"}
	Impacts    = []string{"critical", "major", "minor", "none"}
	Betters    = []string{"<", ">"}
	Audiences  = []string{"public", "customers", "enterprise", "vip", "all", "executives", "stakeholders"}
	// Statuses are the status page's words for an incident.
	Statuses = []string{"investigating", "identified", "monitoring", "resolved", "postmortem"}
	// PersonChannels reach people; queue is the silent list of what waits.
	PersonChannels = []string{"push", "sms", "voice", "slack", "email", "webhook", "ntfy", "teams", "mattermost", "discord", "telegram", "pagerduty", "queue"}
	// PublicChannels reach customers and the public.
	PublicChannels = []string{"status_page", "email", "in_app", "sms", "social", "forum", "press", "tickets"}
	// Forms are how a target begins; commander, technical_lead, scribe and responders stand alone.
	Forms = []string{"schedule", "team", "role", "level", "manager", "lead", "person", "sme", "chat"}
)

// levelResponse is the clock of the levels; it has no entry of its own.
const levelResponse = "level_response"

// managerRole is held by the engineering managers, one per area.
const managerRole = "engineering-manager"
