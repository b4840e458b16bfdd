package crowdstrike

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Deeds of CrowdStrike.
const (
	Contain = "contain_host"
	Lift    = "lift_containment"
	Assure  = "look_for_detections"
)

// onDevices is where machines are acted on.
const onDevices = "/devices/entities/devices-actions/v2"

// actions are Falcon's names of the deeds, states what a machine is called after them.
var (
	actions = map[string]string{Contain: "contain", Lift: "lift_containment"}
	states  = map[string][]string{Contain: {"contained", "containment_pending"}, Lift: {"normal", "lift_containment_pending"}}
)

// Deeds implements plug.Doer.
func (f falcon) Deeds() []plug.Deed {
	if f.http == nil {
		return nil
	}
	params := []plug.Field{{Key: "host", Title: "Host", Required: true, Help: "Its name, or its device id in Falcon."}}
	return []plug.Deed{
		{Name: Contain, Title: "Cut a machine off the network", Params: params, Approvals: 1, Undo: Lift, Clauses: []string{"ESC-EXT-CS"}, Effect: "The machine reaches nothing but Falcon until the containment is lifted. Whatever runs on it is down for its users."},
		{Name: Lift, Title: "Let a machine back on the network", Params: params, Approvals: 1, Undo: Contain, Clauses: []string{"ESC-EXT-CS"}, Effect: "The machine reaches everything again."},
		{
			Name: Assure, Title: "Look for detections of CrowdStrike", Assures: true, Effect: "Lists the alerts of Falcon from an instant on. Those that nobody has closed are held against the end of the incident.",
			Params: []plug.Field{{Key: plug.Since, Title: "From", Help: "An instant such as 2026-03-02T03:00:00Z."}},
		},
	}
}

var (
	deviceShape = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hostShape   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$`)
)

// Rehearse implements plug.Rehearser.
func (f falcon) Rehearse(ctx context.Context, deed string, params map[string]string) (plug.Rehearsal, error) {
	want, ok := states[deed]
	if !ok || f.http == nil {
		return plug.Rehearsal{}, plug.Fail(plug.Permanent, "CrowdStrike: %q cannot be rehearsed", deed)
	}
	device, err := f.device(ctx, strings.TrimSpace(params["host"]))
	if err != nil {
		return plug.Rehearsal{}, err
	}
	doc, err := f.call(ctx, http.MethodGet, "/devices/entities/devices/v2?"+url.Values{"ids": {device}}.Encode(), nil)
	if err != nil {
		return plug.Rehearsal{}, err
	}
	list := doc.List("resources")
	if len(list) != 1 || list[0].Text("status") == "" {
		return plug.Rehearsal{}, plug.Fail(plug.Permanent, "CrowdStrike: there is no machine %s", device)
	}
	is := plug.Line(list[0].Text("status"), plug.MaxWord)
	out := plug.Rehearsal{Detail: plug.First(plug.Line(list[0].Text("hostname"), plug.MaxWord), device) + " (" + device + ") is " + is, Is: slices.Contains(want, is)}
	if !out.Is {
		out.Detail += " and would be " + want[0]
	}
	return out, nil
}

// Do implements plug.Doer. Falcon keeps a machine contained that is so already, so
// that the same deed again changes nothing.
func (f falcon) Do(ctx context.Context, deed, _ string, params map[string]string) (plug.Done, error) {
	if deed == Assure && f.http != nil {
		return f.assure(ctx, params[plug.Since])
	}
	action, ok := actions[deed]
	if !ok || f.http == nil {
		return plug.Done{}, plug.Fail(plug.Permanent, "CrowdStrike: there is no deed %q", deed)
	}
	device, err := f.device(ctx, strings.TrimSpace(params["host"]))
	if err != nil {
		if plug.FailureOf(err).Kind == plug.Unknown { // nothing was asked to change yet
			err = plug.Again(err)
		}
		return plug.Done{}, err
	}
	doc, err := f.call(ctx, http.MethodPost, onDevices+"?action_name="+action, map[string]any{"ids": []string{device}})
	if err != nil {
		return plug.Done{}, err
	}
	if list := doc.List("resources"); len(list) == 0 || list[0].Text("id") != device {
		return plug.Done{}, plug.Fail(plug.Unknown, "CrowdStrike: the answer does not name the machine")
	}
	return plug.Done{Ref: device, Detail: action + " is under way"}, nil
}

// assure lists what Falcon has found from an instant on. What was closed somebody has
// judged.
func (f falcon) assure(ctx context.Context, since string) (plug.Done, error) {
	from, err := time.Parse(time.RFC3339, since)
	if err != nil {
		return plug.Done{}, plug.Fail(plug.Permanent, "CrowdStrike: say from when on, such as 2026-03-02T03:00:00Z")
	}
	all, err := f.alerts(ctx, "created_timestamp:>='"+from.UTC().Format(time.RFC3339)+"'+severity:>="+strconv.Itoa(f.least))
	if err != nil {
		return plug.Done{}, err
	}
	var lines []string
	open := 0
	for _, s := range all {
		state := "closed"
		if s.Action == alert.Trigger {
			state = "open"
			open++
		}
		const most = 50
		if len(lines) < most {
			lines = append(lines, s.StartedAt.UTC().Format(time.RFC3339)+" "+s.Severity+", "+state+": "+s.Summary)
		}
	}
	done := plug.Done{Detail: fmt.Sprintf("CrowdStrike found %d alerts since %s, of which %d are open", len(all), since, open)}
	if open > 0 {
		done.Found = done.Detail
	}
	done.Detail = strings.Join(append([]string{done.Detail}, lines...), "\n")
	return done, nil
}

// device finds the one machine of a name. Two of one name are not guessed at.
func (f falcon) device(ctx context.Context, host string) (string, error) {
	if deviceShape.MatchString(host) {
		return host, nil
	}
	if !hostShape.MatchString(host) {
		return "", plug.Fail(plug.Permanent, "CrowdStrike: %q is neither a host name nor a device id", plug.Line(host, plug.MaxWord))
	}
	doc, err := f.call(ctx, http.MethodGet, "/devices/queries/devices/v1?"+url.Values{"filter": {"hostname:'" + host + "'"}, "limit": {"2"}}.Encode(), nil)
	if err != nil {
		return "", err
	}
	ids := doc.Texts("resources")
	if len(ids) != 1 || !deviceShape.MatchString(ids[0]) {
		return "", plug.Fail(plug.Permanent, "CrowdStrike: %d machines are called %s: say which by its device id", len(ids), host)
	}
	return ids[0], nil
}
