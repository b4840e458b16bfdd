package status

// ComponentStatus is one of the five states of a component in the Statuspage
// public API.
type ComponentStatus string

// The component states.
const (
	Operational         ComponentStatus = "operational"
	UnderMaintenance    ComponentStatus = "under_maintenance"
	DegradedPerformance ComponentStatus = "degraded_performance"
	PartialOutage       ComponentStatus = "partial_outage"
	MajorOutage         ComponentStatus = "major_outage"
)

var componentStates = map[ComponentStatus]struct {
	rank  int
	label string
}{
	Operational:         {0, "Operational"},
	UnderMaintenance:    {1, "Under maintenance"},
	DegradedPerformance: {2, "Degraded performance"},
	PartialOutage:       {3, "Partial outage"},
	MajorOutage:         {4, "Major outage"},
}

// Valid reports whether the status is known.
func (c ComponentStatus) Valid() bool { _, ok := componentStates[c]; return ok }

// Rank orders states from operational (0) to major outage (4).
func (c ComponentStatus) Rank() int { return componentStates[c].rank }

// Label returns the words for a reader.
func (c ComponentStatus) Label() string { return componentStates[c].label }

// Down reports whether time in the state counts as downtime: a partial or a
// major outage does, degraded performance and announced work do not.
func (c ComponentStatus) Down() bool { return c == PartialOutage || c == MajorOutage }

// IncidentStatus is the state of an incident or of a maintenance.
type IncidentStatus string

// The states of an incident, then those of a maintenance.
const (
	Investigating IncidentStatus = "investigating"
	Identified    IncidentStatus = "identified"
	Monitoring    IncidentStatus = "monitoring"
	Resolved      IncidentStatus = "resolved"
	Postmortem    IncidentStatus = "postmortem"

	Scheduled  IncidentStatus = "scheduled"
	InProgress IncidentStatus = "in_progress"
	Verifying  IncidentStatus = "verifying"
	Completed  IncidentStatus = "completed"
)

// ForIncident reports whether an incident may be in the state.
func (s IncidentStatus) ForIncident() bool {
	switch s {
	case Investigating, Identified, Monitoring, Resolved, Postmortem:
		return true
	case Scheduled, InProgress, Verifying, Completed:
		return false
	}
	return false
}

// ForMaintenance reports whether a maintenance may be in the state.
func (s IncidentStatus) ForMaintenance() bool {
	return s == Scheduled || s == InProgress || s == Verifying || s == Completed
}

var incidentLabels = map[IncidentStatus]string{
	Investigating: "Investigating", Identified: "Identified", Monitoring: "Monitoring", Resolved: "Resolved",
	Postmortem: "Post-incident report", Scheduled: "Scheduled", InProgress: "In progress", Verifying: "Verifying",
	Completed: "Completed",
}

// Label returns the words for a reader.
func (s IncidentStatus) Label() string { return incidentLabels[s] }

// Impact is how bad an incident is for customers.
type Impact string

// The impacts, mildest first.
const (
	ImpactNone     Impact = "none"
	ImpactMinor    Impact = "minor"
	ImpactMajor    Impact = "major"
	ImpactCritical Impact = "critical"
)

var impacts = map[Impact]struct {
	rank  int
	label string
}{
	ImpactNone:     {0, "No impact"},
	ImpactMinor:    {2, "Minor impact"},
	ImpactMajor:    {3, "Major impact"},
	ImpactCritical: {4, "Critical impact"},
}

// Valid reports whether the impact is known.
func (i Impact) Valid() bool { _, ok := impacts[i]; return ok }

// Rank orders impacts on the scale of ComponentStatus.Rank.
func (i Impact) Rank() int { return impacts[i].rank }

// Label returns the words for a reader.
func (i Impact) Label() string { return impacts[i].label }

// Indicator is the state of the whole page: none, maintenance, minor, major or
// critical.
type Indicator string

// The indicators, mildest first.
const (
	None        Indicator = "none"
	Maintaining Indicator = "maintenance"
	Minor       Indicator = "minor"
	Major       Indicator = "major"
	Critical    Indicator = "critical"
)

// Indicator blends the components' states with the impact of what is active
// into one word and the sentence that goes with it, in the vocabulary of the
// Statuspage public API.
func (s *Snapshot) Indicator() (Indicator, string) {
	worst, degraded := 0, false
	for _, c := range s.Components {
		if c.Group {
			continue
		}
		worst = max(worst, c.Status.Rank())
		degraded = degraded || c.Status == DegradedPerformance
	}
	for _, i := range s.Incidents {
		if i.Active() {
			worst = max(worst, i.Impact.Rank())
		}
	}
	for _, m := range s.Maintenances {
		if m.Active() {
			worst = max(worst, UnderMaintenance.Rank())
		}
	}
	switch {
	case worst == 0:
		return None, "All Systems Operational"
	case worst == 1:
		return Maintaining, "Service Under Maintenance"
	case worst == 2 && degraded:
		return Minor, "Partially Degraded Service"
	case worst == 2:
		return Minor, "Minor Service Outage"
	case worst == 3:
		return Major, "Partial System Outage"
	default:
		return Critical, "Major Service Outage"
	}
}
