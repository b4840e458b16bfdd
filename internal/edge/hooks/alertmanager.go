package hooks

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/edge/middleware"
	"allclear/internal/plug"
)

// alertmanager serves /alertmanager/{key}/api/v2/..., so that Prometheus,
// vmalert and amtool work with "/alertmanager/{key}" as path prefix. It shows
// the alerts and silences of the key's service, which is also the one receiver.
// Source: prometheus/alertmanager, api/v2/openapi.yaml.
func (h *Hooks) alertmanager(w http.ResponseWriter, r *http.Request) {
	c := &amCall{h: h, w: w, r: r, now: h.Now()}
	serve, methods := c.route()
	if serve == nil {
		h.nowhere(w, r)
		return
	}
	if !allowed(w, r, methods...) {
		return
	}
	p, err := h.find(r.Context(), KindHooks, r.PathValue("key"))
	if err != nil {
		h.fail(w, r, "alertmanager", "", err)
		return
	}
	c.place = p
	if r.Method != http.MethodPost { // a body is proved where it is read
		if err := inbound(r, "", nil, p, c.now, "").CheckShared(); err != nil {
			h.fail(w, r, "alertmanager", p.service, err)
			return
		}
	}
	serve()
}

// amCall is one call of the API.
type amCall struct {
	h     *Hooks
	w     http.ResponseWriter
	r     *http.Request
	now   time.Time
	place place
	id    string // of a silence
}

// route finds what serves the path.
func (c *amCall) route() (serve func(), methods []string) {
	rest := strings.Trim(c.r.PathValue("rest"), "/")
	if id, ok := strings.CutPrefix(rest, "silence/"); ok && !strings.Contains(id, "/") {
		c.id = id
		if c.r.Method == http.MethodDelete {
			return c.deleteSilence, []string{http.MethodGet, http.MethodDelete}
		}
		return c.getSilence, []string{http.MethodGet, http.MethodDelete}
	}
	post := c.r.Method == http.MethodPost
	switch rest {
	case "alerts":
		if post {
			return c.postAlerts, []string{http.MethodGet, http.MethodPost}
		}
		return c.getAlerts, []string{http.MethodGet, http.MethodPost}
	case "silences":
		if post {
			return c.postSilence, []string{http.MethodGet, http.MethodPost}
		}
		return c.getSilences, []string{http.MethodGet, http.MethodPost}
	case "alerts/groups":
		return c.getGroups, []string{http.MethodGet}
	case "status":
		return c.getStatus, []string{http.MethodGet}
	case "receivers":
		return func() { c.json(http.StatusOK, []amName{{c.place.service}}) }, []string{http.MethodGet}
	}
	return nil, nil
}

// postAlerts is the way in of Prometheus, vmalert and amtool.
func (c *amCall) postAlerts() {
	src, ok := c.h.sources["alertmanager"]
	if !ok {
		c.h.nowhere(c.w, c.r)
		return
	}
	c.h.receive(&call{w: c.w, r: c.r, src: src, endpoint: "alerts", place: c.place, now: c.now, refuse: c.sorry})
}

func (c *amCall) json(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		c.h.fail(c.w, c.r, "alertmanager", c.place.service, err)
		return
	}
	reply(c.w, plug.Reply{Status: status, Body: body})
}

// sorry answers an error in Alertmanager's way: a JSON string.
func (c *amCall) sorry(err error) {
	status := middleware.SenderStatus(err)
	if status == http.StatusForbidden {
		status = http.StatusBadRequest // the API knows 400 and 404
	}
	text := "it could not be done; try again"
	var f *fault.Error
	if errors.As(err, &f) && status < 500 {
		text = f.Message
		for _, d := range f.Details {
			text += ": " + strings.TrimSpace(d.Where+" "+d.What)
		}
	}
	c.h.logFailure(c.r, "alertmanager", c.place.service, err)
	retryAfter(c.w, err)
	c.json(status, text)
}

// filter is what a list is narrowed by.
type filter struct {
	active, silenced, unprocessed bool
	matchers                      []alert.Matcher
	receiver                      *regexp.Regexp
}

func (c *amCall) filter() (f filter, err error) {
	q := c.r.URL.Query()
	flag := func(name string) bool {
		v := q.Get(name)
		if v == "" {
			return true
		}
		on, bad := strconv.ParseBool(v)
		if bad != nil && err == nil {
			err = fault.New(fault.Invalid, "%s in query must be of type boolean", name)
		}
		return on
	}
	f.active, f.silenced, f.unprocessed = flag("active"), flag("silenced"), flag("unprocessed")
	flag("inhibited") // nothing is inhibited here, and so nothing is left out
	if err == nil {
		f.matchers, err = parseMatchers(q["filter"])
	}
	if r := q.Get("receiver"); r != "" && err == nil {
		if len(r) > maxFilter {
			return f, fault.New(fault.Invalid, "failed to parse receiver param: too long")
		}
		if f.receiver, err = regexp.Compile("^(?:" + r + ")$"); err != nil {
			err = fault.New(fault.Invalid, "failed to parse receiver param: %s", err)
		}
	}
	return f, err
}

// standing lists the service's alerts that pass the filter, by fingerprint.
func (c *amCall) standing() ([]amAlert, error) {
	f, err := c.filter()
	if err != nil {
		return nil, err
	}
	out := []amAlert{}
	if f.receiver != nil && !f.receiver.MatchString(c.place.service) {
		return out, nil
	}
	as, sil, err := c.h.Silences.Standing(c.r.Context(), c.place.service)
	if err != nil {
		return nil, err
	}
	for _, a := range as {
		w, ok := toAlert(a, sil, c.place.service, c.now)
		if ok && f.shows(&w) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b amAlert) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return out, nil
}

func (f *filter) shows(a *amAlert) bool {
	if len(a.Status.SilencedBy) > 0 && !f.silenced || a.Status.State == stateActive && !f.active {
		return false
	}
	for i := range f.matchers {
		m := &f.matchers[i]
		if !m.Matches(a.Labels[m.Name]) {
			return false
		}
	}
	return true
}

func (c *amCall) getAlerts() {
	list, err := c.standing()
	if err != nil {
		c.sorry(err)
		return
	}
	c.json(http.StatusOK, list)
}

// getGroups groups by alertname: grouping into incidents is intake's and is
// shown by the native API.
func (c *amCall) getGroups() {
	list, err := c.standing()
	if err != nil {
		c.sorry(err)
		return
	}
	groups := []amGroup{}
	at := map[string]int{}
	for _, a := range list {
		name := a.Labels["alertname"]
		i, ok := at[name]
		if !ok {
			i = len(groups)
			at[name] = i
			g := amGroup{Labels: map[string]string{}, Receiver: amName{c.place.service}}
			if name != "" {
				g.Labels["alertname"] = name
			}
			groups = append(groups, g)
		}
		groups[i].Alerts = append(groups[i].Alerts, a)
	}
	slices.SortFunc(groups, func(a, b amGroup) int { return strings.Compare(a.Labels["alertname"], b.Labels["alertname"]) })
	c.json(http.StatusOK, groups)
}

// speaks is the version of Alertmanager whose API this is; clients choose
// features by it.
const speaks = "0.25.0"

func (c *amCall) getStatus() {
	name := strconv.Quote(c.place.service)
	c.json(http.StatusOK, amStatus{
		Cluster:     amCluster{Status: "disabled", Peers: []amName{}},
		VersionInfo: amVersion{Version: speaks, Revision: "allclear " + c.h.Version, Branch: "api", BuildUser: "allclear", BuildDate: "-", GoVersion: runtime.Version()},
		Config:      amConfig{Original: "route:\n  receiver: " + name + "\n  group_by: [alertname]\nreceivers:\n- name: " + name + "\n"},
		Uptime:      c.h.started.UTC(),
	})
}
