package hooks

import (
	"encoding/json"
	"time"

	"allclear/internal/domain/alert"
)

// The shapes of Alertmanager's API v2 (api/v2/openapi.yaml), as far as they
// are answered.
type (
	amName struct {
		Name string `json:"name"`
	}
	amAlert struct {
		Annotations  map[string]string `json:"annotations"`
		EndsAt       time.Time         `json:"endsAt"`
		Fingerprint  string            `json:"fingerprint"`
		Receivers    []amName          `json:"receivers"`
		StartsAt     time.Time         `json:"startsAt"`
		Status       amAlertStatus     `json:"status"`
		UpdatedAt    time.Time         `json:"updatedAt"`
		GeneratorURL string            `json:"generatorURL,omitempty"`
		Labels       map[string]string `json:"labels"`
	}
	amAlertStatus struct {
		State       string   `json:"state"`
		SilencedBy  []string `json:"silencedBy"`
		InhibitedBy []string `json:"inhibitedBy"`
		MutedBy     []string `json:"mutedBy"`
	}
	amGroup struct {
		Labels   map[string]string `json:"labels"`
		Receiver amName            `json:"receiver"`
		Alerts   []amAlert         `json:"alerts"`
	}
	amSilence struct {
		ID        string      `json:"id"`
		Status    amState     `json:"status"`
		UpdatedAt time.Time   `json:"updatedAt"`
		Comment   string      `json:"comment"`
		CreatedBy string      `json:"createdBy"`
		EndsAt    time.Time   `json:"endsAt"`
		Matchers  []amMatcher `json:"matchers"`
		StartsAt  time.Time   `json:"startsAt"`
	}
	amState struct {
		State string `json:"state"`
	}
	amMatcher struct {
		IsEqual bool   `json:"isEqual"`
		IsRegex bool   `json:"isRegex"`
		Name    string `json:"name"`
		Value   string `json:"value"`
	}
	amStatus struct {
		Cluster     amCluster `json:"cluster"`
		Config      amConfig  `json:"config"`
		Uptime      time.Time `json:"uptime"`
		VersionInfo amVersion `json:"versionInfo"`
	}
	amCluster struct {
		Status string   `json:"status"`
		Peers  []amName `json:"peers"`
	}
	amConfig struct {
		Original string `json:"original"`
	}
	amVersion struct {
		Branch    string `json:"branch"`
		BuildDate string `json:"buildDate"`
		BuildUser string `json:"buildUser"`
		GoVersion string `json:"goVersion"`
		Revision  string `json:"revision"`
		Version   string `json:"version"`
	}
)

const (
	stateActive     = "active"
	stateSuppressed = "suppressed"
)

// toAlert shows an alert as a gettableAlert. One without labels came another
// way and is not part of this API.
func toAlert(a *alert.Alert, silences []alert.Silence, receiver string, now time.Time) (amAlert, bool) {
	var s struct {
		alert.Signal
		Details struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"details"`
	}
	if json.Unmarshal([]byte(a.Details), &s) != nil || len(s.Labels) == 0 {
		return amAlert{}, false
	}
	w := amAlert{
		Annotations: s.Details.Annotations, Fingerprint: a.DedupKey, Receivers: []amName{{receiver}}, Labels: s.Labels,
		StartsAt: s.StartedAt.UTC(), EndsAt: s.EndsAt.UTC(), UpdatedAt: a.LastAt.UTC(),
		Status: amAlertStatus{State: stateActive, SilencedBy: []string{}, InhibitedBy: []string{}, MutedBy: []string{}},
	}
	if w.Annotations == nil {
		w.Annotations = map[string]string{}
	}
	if s.StartedAt.IsZero() {
		w.StartsAt = a.FirstAt.UTC()
	}
	if s.EndsAt.IsZero() {
		const unknown = 5 * time.Minute // "not before": the field is required
		w.EndsAt = now.Add(unknown).UTC()
	}
	if len(s.Links) > 0 && s.Links[0].Text == "Source" {
		w.GeneratorURL = s.Links[0].Href
	}
	for i := range silences {
		if silences[i].Covers(s.Labels, now) {
			w.Status.State = stateSuppressed
			w.Status.SilencedBy = append(w.Status.SilencedBy, silences[i].ID)
		}
	}
	return w, true
}

func toSilence(s *alert.Silence, now time.Time) amSilence {
	w := amSilence{
		ID: s.ID, Status: amState{string(s.State(now))}, UpdatedAt: s.UpdatedAt.UTC(), Comment: s.Comment, CreatedBy: s.CreatedBy,
		StartsAt: s.StartsAt.UTC(), EndsAt: s.EndsAt.UTC(), Matchers: make([]amMatcher, len(s.Matchers)),
	}
	for i, m := range s.Matchers {
		w.Matchers[i] = amMatcher{Name: m.Name, Value: m.Value, IsRegex: m.Regex, IsEqual: !m.Not}
	}
	return w
}
