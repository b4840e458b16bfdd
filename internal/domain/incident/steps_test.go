package incident

import (
	"testing"
	"time"

	"allclear/internal/domain/procedure"
)

// Reading 9: a downgrade needs a reason. Whoever raises in the night need not
// stop to write one.
func TestOnlyALowerSeverityNeedsAReason(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	i := Incident{Number: 1, Status: Investigating, Severity: procedure.P2, Highest: procedure.P2}
	if changed, err := i.ChangeSeverity(procedure.P3, " ", now); err == nil || changed || i.Severity != procedure.P2 {
		t.Errorf("lowered without a reason: %v %+v", err, i)
	}
	if changed, err := i.ChangeSeverity(procedure.P1, "", now); err != nil || !changed || i.Highest != procedure.P1 {
		t.Errorf("raised: %v %+v", err, i)
	}
	if changed, err := i.ChangeSeverity(procedure.P2, "one region only", now); err != nil || !changed || i.Severity != procedure.P2 || i.Highest != procedure.P1 {
		t.Errorf("lowered with a reason: %v %+v", err, i)
	}
}
