package generic

import (
	"regexp"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// The names tools commonly use, in order of preference, without case and
// separators. Words that are as often something else come last or not at all.
var (
	summaryNames  = []string{"summary", "title", "subject", "headline", "alertname", "rulename", "checkname", "monitorname", "monitorfriendlyname", "problemtitle", "message", "msg", "text", "description", "desc", "details", "reason", "output", "problem", "alert", "name"}
	severityNames = []string{"severity", "alertseverity", "level", "priority", "urgency", "criticality", "loglevel"}
	actionNames   = []string{"eventaction", "action", "status", "alertstatus", "state", "alertstate", "currentstate", "newstate", "problemstate", "alerttypefriendlyname", "eventtype"}
	kindNames     = []string{"event", "type"} // of what happened, where nothing says the action
	doneNames     = []string{"resolved", "isresolved", "recovered", "closed"}
	keyNames      = []string{"dedupkey", "dedup", "deduplicationkey", "fingerprint", "alertuid", "alertid", "incidentkey", "incidentid", "problemid", "alias", "groupkey", "correlationid", "externalid", "uid", "monitorid", "checkid", "ruleid", "sensorid", "alarmid", "issueid"}
	plainKeys     = []string{"id", "key"} // of an envelope they are often those of the message
	hostNames     = []string{"host", "hostname", "source", "server", "instance", "node", "device", "origin"}
	ruleNames     = []string{"alertname", "rulename", "checkname", "monitorname", "check", "monitor", "rule"}
	serviceNames  = []string{"service", "servicename", "component", "application", "app"}
	groupNames    = []string{"group", "cluster", "environment", "env"}
	classNames    = []string{"class", "category", "alerttype", "type"}
	linkNames     = []string{"link", "url", "alerturl", "eventurl", "detailsurl", "dashboardurl", "runbookurl", "linktoupstreamdetails", "href"}
	imageNames    = []string{"imageurl", "image"}
	timeNames     = []string{"startsat", "startedat", "occurredat", "timestamp", "time", "date"} // and no createdat: what is opened again keeps it, and would pass for the past
	wrappers      = []string{"event", "alert", "incident", "payload", "data"}
)

// names finds the common names in an event.
type names struct {
	own    map[string]any // by name without case and separators
	inside []map[string]any
}

func nameless(item any) names {
	n := names{own: flat(item)}
	for _, w := range wrappers {
		if m, ok := n.own[w].(map[string]any); ok {
			n.inside = append(n.inside, flat(m))
		}
	}
	return n
}

func flat(v any) map[string]any {
	m, _ := v.(map[string]any)
	out := make(map[string]any, len(m))
	for k, v := range m {
		plain := simple.Replace(strings.ToLower(k))
		if _, taken := out[plain]; !taken || k == plain { // the plain spelling counts before others
			out[plain] = v
		}
	}
	return out
}

var simple = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

// find returns the first value that is there and a scalar.
func (n names) find(in []string) any {
	for _, m := range append([]map[string]any{n.own}, n.inside...) {
		for _, name := range in {
			if v := m[name]; strings.TrimSpace(text(v)) != "" {
				return v
			}
		}
	}
	return nil
}

func (n names) first(in []string) string { return text(n.find(in)) }

func (n names) summary() string   { return n.first(summaryNames) }
func (n names) severity() string  { return n.first(severityNames) }
func (n names) origin() string    { return n.first(hostNames) }
func (n names) component() string { return n.first(serviceNames) }
func (n names) group() string     { return n.first(groupNames) }
func (n names) class() string     { return n.first(classNames) }
func (n names) link() string      { return n.first(linkNames) }

// ending is how the name of an event tells an end or an acknowledgement:
// "incident.resolved", "ALERT_RECOVERY".
var (
	ending = regexp.MustCompile(`(?i)^.*[._:/ -](resolved?|recover(?:y|ed)|closed?|cleared|ack(?:nowledged?)?)$`)
	denied = regexp.MustCompile(`(?i)(?:not|un|never)[._:/ -][a-z]+$`)
)

func (n names) action() string {
	if n.find(doneNames) == true {
		return string(alert.Resolve)
	}
	word := n.first(actionNames)
	if m := ending.FindStringSubmatch(plug.First(word, n.first(kindNames))); m != nil && !denied.MatchString(m[0]) {
		return m[1]
	}
	return word
}

// key is what identifies the problem: an identifier, the rule that fired and
// where, or host and service. What does not name the problem is no key, and a
// summary never is (INV-I3).
func (n names) key() string {
	for _, of := range [...][]string{keyNames, plainKeys} {
		if k := n.first(of); k != "" {
			return k
		}
	}
	host, rule := n.origin(), n.first(ruleNames)
	if rule == "" && host != "" {
		rule = n.component()
	}
	switch {
	case rule == "":
		return ""
	case host == "":
		return rule
	}
	return host + "/" + rule
}
