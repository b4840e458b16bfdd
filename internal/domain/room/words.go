package room

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
)

// Title is what an incident may be called at a vendor.
func Title(inc *incident.Incident) string {
	if inc.Restricted {
		return inc.Ref()
	}
	return inc.Ref() + ": " + inc.Title
}

// Topic is the line on top of an incident's channel.
func Topic(inc *incident.Incident, cat *catalog.Catalog) string {
	if inc.Restricted {
		return inc.Ref() + " | " + inc.Severity.String() + " | restricted: its circle only"
	}
	return strings.Join([]string{inc.Ref(), inc.Severity.String(), string(inc.Status), "commander: " + name(cat, inc.Commander())}, " | ")
}

// Head is the first line of what is pinned.
func Head(inc *incident.Incident) string { return inc.Severity.String() + " " + Title(inc) }

// Facts is what is pinned: where it stands and who does what.
func Facts(inc *incident.Incident, cat *catalog.Catalog, zone *time.Location) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Status: %s", inc.Status)
	if !inc.Restricted {
		service := inc.ServiceID
		if s, ok := cat.Services[inc.ServiceID]; ok {
			service = s.Name
		}
		line("Service: %s", service)
	} else {
		line("%s", strings.ToUpper(message.RestrictedTitle[:1])+message.RestrictedTitle[1:]+".")
	}
	line("Since: %s", inc.DetectedAt.In(zone).Format("2006-01-02 15:04 MST"))
	for _, r := range incident.RoleNames {
		line("%s: %s", roleTitle(r), name(cat, inc.Roles[r]))
	}
	return strings.TrimSpace(b.String())
}

// Hash names what is pinned, to know whether it changed.
func Hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func roleTitle(role string) string {
	t := strings.ReplaceAll(role, "_", " ")
	return strings.ToUpper(t[:1]) + t[1:]
}

func name(cat *catalog.Catalog, person string) string {
	if person == "" {
		return "nobody yet"
	}
	if p, ok := cat.People[person]; ok {
		return p.Name
	}
	return person
}

// Said is what an entry of the record says in the incident's own channel; empty for
// what does not belong there. What came out of a chat is not said again.
func Said(e *event.Event, inc *incident.Incident, cat *catalog.Catalog) string {
	d := e.Data
	who := name(cat, d.Owner)
	if inc.Restricted {
		d.Text = "see its page" // a vendor keeps what is said there
	}
	switch e.Kind {
	case event.Declared:
		return inc.Severity.String() + " declared: " + d.Text
	case event.SeverityChanged:
		return "Severity " + d.From + " is now " + d.Severity + ": " + d.Text
	case event.RoleTaken:
		if d.From != "" {
			return roleTitle(d.Subject) + ": " + who + " takes over from " + name(cat, d.From)
		}
		return roleTitle(d.Subject) + ": " + who
	case event.Joined:
		switch d.Outcome {
		case "joined":
			return who + " joined"
		case "unavailable":
			return who + " is not available"
		}
	case event.Mitigated:
		return "Mitigated: the impact is reduced"
	case event.Monitoring:
		return "Monitoring: " + d.Text
	case event.ResolvedKind:
		return strings.TrimSuffix("Resolved: "+d.Text, ": ")
	case event.Scoped:
		return "Touches: " + d.Text
	case event.Reopened:
		return "Reopened: " + d.Text
	case event.Closed:
		return "Closed"
	case event.Restricted:
		return "Restricted: only its circle may know of it"
	case event.MessagePublished:
		return "Told to customers: " + d.Text
	case event.DeadlineBreached:
		return "Late: " + strings.ReplaceAll(d.Clock, "_", " ")
	default:
	}
	return ""
}

// Stamped are the entries that stand in the shared document, a line each.
func Stamped(e event.Event, inc *incident.Incident, cat *catalog.Catalog) string {
	text := Said(&e, inc, cat)
	if e.Kind == event.Noted {
		text = e.Data.Text
		if p, ok := cat.People[e.Actor]; ok {
			text = p.Name + ": " + text
		}
	}
	if text == "" {
		return ""
	}
	return e.At.UTC().Format("2006-01-02 15:04:05Z") + "  " + strings.Join(strings.Fields(text), " ")
}
