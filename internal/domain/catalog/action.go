package catalog

import "allclear/internal/domain/remedy"

// Action is a runbook action under its id.
type Action remedy.Action

// Kind is KindAction.
func (Action) Kind() Kind { return KindAction }

// Key is the action's id.
func (a Action) Key() string { return a.ID }

func (a Action) check(c *checker, look Lookup) {
	c.text("/name", a.Name, true)
	c.prose("/description", a.Text)
	c.optionalRef(look, KindService, "/service", a.Service)
	own := remedy.Action(a)
	own.Problems(c.add)
}
