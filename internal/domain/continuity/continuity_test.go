package continuity_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/continuity"
	"allclear/internal/domain/procedure"
)

// DRB-BCP-RETAIN
func TestAnAccountIsAtRiskByTheRule(t *testing.T) {
	now := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	rule := &procedure.Retention{Incidents: 3, Within: recur.Span{Days: 30}, Score: 60}
	ago := func(days, hours float64) continuity.Stretch {
		from := now.Add(-time.Duration(days * 24 * float64(time.Hour)))
		return continuity.Stretch{Number: int64(days), From: from, Until: from.Add(time.Duration(hours * float64(time.Hour)))}
	}
	for name, c := range map[string]struct {
		all   []continuity.Stretch
		signs continuity.Signs
		risk  bool
		score int
	}{
		"nothing":                    {nil, continuity.Signs{}, false, 0},
		"two short ones":             {[]continuity.Stretch{ago(2, 0.1), ago(3, 0.1)}, continuity.Signs{}, false, 31},
		"three of thirty days":       {[]continuity.Stretch{ago(2, 0), ago(3, 0), ago(29, 0)}, continuity.Signs{}, true, 45},
		"the third is too old":       {[]continuity.Stretch{ago(2, 0), ago(3, 0), ago(31, 0)}, continuity.Signs{}, false, 30},
		"at the same time once":      {[]continuity.Stretch{ago(2, 2), ago(2, 2)}, continuity.Signs{}, false, 40},
		"long, unhealthy and warned": {[]continuity.Stretch{ago(5, 48)}, continuity.Signs{Checked: true, Health: 30, Warnings: 1}, true, 70},
		"healthy":                    {[]continuity.Stretch{ago(5, 48)}, continuity.Signs{Checked: true, Health: 90}, false, 45},
		"leaving, says the CRM":      {[]continuity.Stretch{ago(5, 1)}, continuity.Signs{Churn: "high", Status: "leaving"}, true, 70},
		"gone already":               {[]continuity.Stretch{ago(5, 48), ago(4, 1), ago(3, 1)}, continuity.Signs{Churn: "high", Status: catalog.Lost}, false, 100},
		"one that lasts":             {[]continuity.Stretch{{Number: 1, From: now.Add(-6 * time.Hour)}}, continuity.Signs{}, false, 45},
	} {
		t.Run(name, func(t *testing.T) {
			v := continuity.Judge(rule, c.all, c.signs, now)
			if v.AtRisk != c.risk || v.Score != c.score && c.signs.Status != catalog.Lost {
				t.Errorf("%+v, want %v at %d", v, c.risk, c.score)
			}
			if v.AtRisk && (len(v.Why) == 0 || len(v.Numbers) == 0) {
				t.Errorf("nobody can tell why: %+v", v)
			}
		})
	}
}

func TestWhatIsWrittenDownSaysSomething(t *testing.T) {
	if got, err := continuity.Say("body.text", "  we call \n"); err != nil || got != "we call" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", " \t", strings.Repeat("x", continuity.MaxText+1)} {
		if _, err := continuity.Say("body.text", bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.5q: %v", bad, err)
		}
	}
}
