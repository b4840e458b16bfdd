package datadog

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

const (
	pageSize = 500 // monitors of one call; Datadog gives 1,000 at most
	maxPages = 40
	// everyone stands for the handle where each monitor counts.
	everyone      = "*"
	defaultHandle = "@webhook-allclear"
)

// Polls implements plug.Poller.
func (s source) Polls() (service string, ok bool) { return s.service, s.Queries() && s.service != "" }

// Poll implements plug.Poller: the monitors with the state of each group.
func (s source) Poll(ctx context.Context, now time.Time) ([]alert.Signal, error) {
	var out []alert.Signal
	for page := range maxPages {
		q := url.Values{"group_states": {"all"}, "with_downtimes": {"true"}, "page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(pageSize)}}
		ans, err := s.http.Ask(ctx, "Datadog", plug.Request{
			Method: http.MethodGet, URL: s.base + "/api/v1/monitor?" + q.Encode(), Secrets: []secret.String{s.key, s.application}, Header: s.header(),
		})
		if err != nil {
			return nil, err
		}
		list, n := plug.ReadJSON(ans.Body), 0
		isList := list.Array(2*pageSize, func(int) {
			if n++; list.Kind() == '{' {
				out = append(out, s.monitor(list.Doc(), now)...)
			}
		})
		if err := list.End(); err != nil || !isList {
			return nil, fault.New(fault.Unavailable, "Datadog: the answer is no list of monitors")
		}
		if n < pageSize {
			return out, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "Datadog: there are more than %d monitors", pageSize*maxPages)
}

// monitor is one as it stands, a signal for each group that says something.
func (s source) monitor(m plug.Doc, now time.Time) (out []alert.Signal) {
	id := m.Text("id")
	if id == "" || s.handle != everyone && !strings.Contains(m.Text("message"), s.handle) {
		return nil // its notifications go elsewhere
	}
	groups := m.At("state", "groups")
	for _, name := range groups.SortedNames() {
		if g, ok := s.group(m, cmp.Or(groups.Text(name, "name"), name), groups.At(name), now); ok {
			out = append(out, g)
		}
	}
	if len(groups.SortedNames()) == 0 {
		alone := plug.DocOf(map[string]any{"status": m.Text("overall_state"), "last_triggered_ts": m.Text("overall_state_modified")})
		if g, ok := s.group(m, "", alone, now); ok {
			out = append(out, g)
		}
	}
	return out
}

// transitions are what the webhook would have said of a group in such a state. Of
// one that was skipped, ignored or never judged nothing is said.
var transitions = map[string]string{"ok": "Recovered", "alert": "Triggered", "warn": "Warn", "nodata": "No Data"}

// group is one group as the webhook would have told of it, so that both are read in
// one way. What is muted tells of its recovery alone, as Datadog does.
func (s source) group(m plug.Doc, name string, g plug.Doc, now time.Time) (alert.Signal, bool) {
	transition := transitions[plain(g.Text("status"))]
	over := transition == "Recovered"
	if transition == "" || transition == "No Data" && !tellsOfNoData(m) || !over && muted(m, name, now) {
		return alert.Signal{}, false
	}
	if name = group(name); name != "" {
		name = " on {" + name + "}"
	}
	tags := []any{}
	for _, t := range m.Texts("tags") {
		tags = append(tags, t)
	}
	t := map[string]any{
		"alert_id": m.Text("id"), "alert_scope": strings.Trim(strings.TrimPrefix(name, " on "), "{}"), "alert_transition": transition,
		"title": "[" + transition + name + "] " + m.Text("name"), "tags": tags, "link": s.console + "/monitors/" + m.Text("id"),
	}
	if p := m.Text("priority"); p != "" && p != "0" {
		t["alert_priority"] = "P" + p
	}
	if !over {
		since := "last_triggered_ts"
		if transition == "No Data" {
			since = "last_nodata_ts"
		}
		t["date"] = cmp.Or(g.Text(since), g.Text("last_triggered_ts"))
	}
	e := read(plug.DocOf(t))
	out := e.signal()
	out.Details = map[string]any{"monitor": m.Keep("id", "name", "type", "query", "tags", "priority", "overall_state"), "group": g.Any()}
	return out, true
}

// tellsOfNoData: most monitors are silent about it.
func tellsOfNoData(m plug.Doc) bool {
	return m.True("options", "notify_no_data") || m.Text("options", "on_missing_data") == "show_and_notify_no_data"
}

// muted reports a downtime over the group: the monitor's own, which may end, or one
// that a schedule has put over it now.
func muted(m plug.Doc, name string, now time.Time) bool {
	silenced := m.At("options", "silenced")
	for _, scope := range silenced.SortedNames() {
		if until := silenced.Time(scope); covers(scope, name) && (until.IsZero() || until.After(now)) {
			return true
		}
	}
	for _, d := range m.List("matching_downtimes") {
		if from := d.Time("start"); from.After(now) {
			continue
		}
		if until := d.Time("end"); !until.IsZero() && !until.After(now) {
			continue
		}
		scopes := d.Texts("scope")
		if len(scopes) == 0 || covers(strings.Join(scopes, ","), name) {
			return true
		}
	}
	return false
}

// covers: a scope is over a group that has all its tags.
func covers(scope, name string) bool {
	want, has := group(scope), strings.Split(group(name), ",")
	if want == "" {
		return true
	}
	for w := range strings.SplitSeq(want, ",") {
		if !slices.Contains(has, w) {
			return false
		}
	}
	return true
}

// Same implements plug.Recogniser. A group of the list has the tags that it is
// grouped by, and its webhook may name those that the query filters by too; that of
// a simple monitor may have a key of Datadog's own for it.
func (source) Same(polled, standing string) bool {
	const kind = "monitor/"
	if !strings.HasPrefix(polled, kind) || !strings.HasPrefix(standing, kind) {
		return false
	}
	id, name, _ := strings.Cut(polled[len(kind):], "/")
	other, named, _ := strings.Cut(standing[len(kind):], "/")
	return id == other && covers(name, named)
}
