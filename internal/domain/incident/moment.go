package incident

import "time"

// Moment is when something happened to the incident, in the words of the key
// figures of a procedure; zero when it has not, or nobody knows.
func (i *Incident) Moment(name string) time.Time {
	switch name {
	case "impact_started":
		return i.ImpactAt
	case "detected":
		return i.DetectedAt
	case "declared":
		return i.DeclaredAt
	case "acknowledged":
		return i.AcknowledgedAt
	case "engaged":
		return i.EngagedAt
	case "mitigated":
		return i.MitigatedAt
	case "resolved":
		return i.ResolvedAt
	}
	return time.Time{}
}
