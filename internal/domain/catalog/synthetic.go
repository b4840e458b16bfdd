package catalog

import "allclear/internal/domain/check"

// SyntheticCheck is a check under its id.
type SyntheticCheck check.Check

// Kind is KindCheck.
func (SyntheticCheck) Kind() Kind { return KindCheck }

// Key is the check's id.
func (s SyntheticCheck) Key() string { return s.ID }

func (s SyntheticCheck) check(c *checker, look Lookup) {
	c.text("/name", s.Name, false)
	if s.Service == "" {
		c.add("/service", "is missing")
	} else {
		c.ref(look, KindService)("/service", s.Service)
	}
	c.slugs("/probes", s.Probes)
	own := check.Check(s)
	own.Problems(c.add)
}
