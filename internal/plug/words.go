package plug

import (
	"strings"

	"allclear/internal/domain/alert"
)

// simple drops what separates the parts of a word, so that "Sev-1" and "sev1"
// are the same one.
var simple = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// Severity reads a monitoring tool's word, or a priority of 1 to 5, as one of
// the Events API: critical, error, warning or info; empty when nobody knows it.
// A vendor whose words mean something else reads them itself.
func Severity(word string) string {
	switch simple.Replace(strings.ToLower(strings.TrimSpace(word))) {
	case "critical", "crit", "fatal", "emergency", "emerg", "disaster", "blocker", "highest", "p1", "sev1", "s1", "1":
		return "critical"
	case "error", "err", "high", "major", "severe", "p2", "sev2", "s2", "2":
		return "error"
	case "warning", "warn", "medium", "moderate", "average", "minor", "p3", "sev3", "s3", "3":
		return "warning"
	case "info", "information", "informational", "notice", "low", "lowest", "debug", "trivial", "p4", "p5", "sev4", "sev5", "s4", "4", "5":
		return "info"
	}
	return ""
}

// Action reads a word for a state or a wish. What says neither acknowledged nor
// over is a trigger.
func Action(word string) alert.Action {
	switch simple.Replace(strings.ToLower(strings.TrimSpace(word))) {
	case "resolve", "resolved", "ok", "okay", "close", "closed", "recovery", "recovered", "up", "normal", "clear", "cleared", "success", "successful", "succeeded", "passed", "pass", "healthy", "inactive", "green", "good", "restored", "fixed", "end", "ended":
		return alert.Resolve
	case "acknowledge", "acknowledged", "ack", "acked":
		return alert.Acknowledge
	}
	return alert.Trigger
}
