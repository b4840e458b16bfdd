package vendor

import (
	"encoding/json"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/feed"
)

func decode(body []byte, v any, what string) error {
	if len(body) > feed.MaxBytes {
		return fault.New(fault.Invalid, "the document is longer than %d bytes", feed.MaxBytes)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fault.New(fault.Invalid, "the document is not %s: %s", what, feed.Plain(err.Error(), maxWhat))
	}
	return nil
}

// ofComponent are the words Statuspage has for a component.
func ofComponent(word string) State {
	switch strings.ToLower(word) {
	case "operational":
		return OK
	case "degraded_performance", "partial_outage":
		return Degraded
	case "major_outage":
		return Outage
	case "under_maintenance":
		return Maintenance
	}
	return Unknown
}

// ofImpact are its words for an incident and for the page as a whole.
func ofImpact(word string) State {
	switch strings.ToLower(word) {
	case "none", "":
		return OK
	case "minor":
		return Degraded
	case "major", "critical":
		return Outage
	case "maintenance":
		return Maintenance
	}
	return Unknown
}

type component struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Group  bool   `json:"group"`
}

type incident struct {
	Name       string      `json:"name"`
	Status     string      `json:"status"`
	Impact     string      `json:"impact"`
	Link       string      `json:"shortlink"`
	From       string      `json:"scheduled_for"`
	Until      string      `json:"scheduled_until"`
	Components []component `json:"components"`
}

// over reports whether it has ended, or has not begun.
func (i *incident) over() bool {
	switch strings.ToLower(i.Status) {
	case "resolved", "postmortem", "completed", "scheduled":
		return true
	}
	return false
}

func (i *incident) concerns(w *wanted) bool {
	if len(w.all) == 0 {
		return true
	}
	for _, c := range i.Components {
		if w.has(c.Name, c.ID) {
			return true
		}
	}
	return false
}

// readStatuspage reads summary.json. The indicator counts for a page of which
// every component is of interest: otherwise somebody else's component would make
// ours red.
func readStatuspage(body []byte, w *wanted, _ time.Time) (Report, error) {
	var doc struct {
		Status *struct {
			Indicator   string `json:"indicator"`
			Description string `json:"description"`
		} `json:"status"`
		Components  []component `json:"components"`
		Incidents   []incident  `json:"incidents"`
		Maintenance []incident  `json:"scheduled_maintenances"`
	}
	if err := decode(body, &doc, "the summary of a status page"); err != nil {
		return Report{}, err
	}
	if doc.Status == nil && doc.Components == nil {
		return Report{}, fault.New(fault.Invalid, "the document is not the summary of a status page").With("/status", "is missing")
	}
	var all []Trouble
	for _, c := range doc.Components {
		if !w.has(c.Name, c.ID) || c.Group && len(w.all) == 0 {
			continue // a group says what its components say
		}
		if s := ofComponent(c.Status); s != OK && s != Unknown {
			all = append(all, Trouble{What: c.Name + ": " + strings.ReplaceAll(c.Status, "_", " "), State: s})
		}
	}
	var said []Trouble
	for _, list := range [][]incident{doc.Incidents, doc.Maintenance} {
		for i := range list {
			if in := &list[i]; !in.over() && in.concerns(w) {
				said = append(said, Trouble{What: in.Name, State: ofImpact(in.Impact), Link: in.Link})
			}
		}
	}
	floor := OK
	if len(w.all) == 0 && doc.Status != nil {
		floor = ofImpact(doc.Status.Indicator)
		if len(all)+len(said) == 0 && floor != OK {
			all = append(all, Trouble{What: doc.Status.Description, State: floor})
		}
	}
	r := report(floor, append(said, all...))
	r.Missing = w.missing()
	return r, nil
}
