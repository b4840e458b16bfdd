package procedure

import (
	"cmp"
	"fmt"
)

// Communication says who inside is told as an audience of messages, and from when
// on an incident is widespread.
type Communication struct {
	Executives   []string `yaml:"executives" json:"executives"`     // targets
	Stakeholders []string `yaml:"stakeholders" json:"stakeholders"` // targets
	// WidespreadPercent of all customers: an incident that touches more of them is
	// widespread (COM-PUB-ANALYST). 25 when zero.
	WidespreadPercent float64 `yaml:"widespread_percent" json:"widespread_percent"`
}

// Insiders are the targets of an audience of our own people; none for others.
func (p *Procedure) Insiders(audience string) []string {
	switch audience {
	case "executives":
		return p.Communication.Executives
	case "stakeholders":
		return p.Communication.Stakeholders
	}
	return nil
}

// Widespread reports whether so many of all customers are more than the limit.
func (p *Procedure) Widespread(touched, all int) bool {
	const quarter = 25
	return all > 0 && float64(touched)*100 > float64(all)*cmp.Or(p.Communication.WidespreadPercent, quarter)
}

func (c *checker) communication() {
	m := c.p.Communication
	for i, t := range m.Executives {
		c.target(fmt.Sprintf("communication.executives[%d]", i), t)
	}
	for i, t := range m.Stakeholders {
		c.target(fmt.Sprintf("communication.stakeholders[%d]", i), t)
	}
	if m.WidespreadPercent < 0 || m.WidespreadPercent > 100 {
		c.err("bad-percent", "communication.widespread_percent", "Give a share of all customers, 0 to 100.", "%v is no share", m.WidespreadPercent)
	}
}
