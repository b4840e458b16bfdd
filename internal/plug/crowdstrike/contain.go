package crowdstrike

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"allclear/internal/plug"
)

// Deeds of CrowdStrike.
const (
	Contain = "contain_host"
	Lift    = "lift_containment"
)

// actions are Falcon's names of the deeds.
var actions = map[string]string{Contain: "contain", Lift: "lift_containment"}

// Deeds implements plug.Doer.
func (f falcon) Deeds() []plug.Deed {
	if f.http == nil {
		return nil
	}
	params := []plug.Field{{Key: "host", Title: "Host", Required: true, Help: "Its name, or its device id in Falcon."}}
	return []plug.Deed{
		{Name: Contain, Title: "Cut a machine off the network", Params: params, Approvals: 1, Undo: Lift, Effect: "The machine reaches nothing but Falcon until the containment is lifted. Whatever runs on it is down for its users."},
		{Name: Lift, Title: "Let a machine back on the network", Params: params, Approvals: 1, Undo: Contain, Effect: "The machine reaches everything again."},
	}
}

var (
	deviceShape = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hostShape   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$`)
)

// Do implements plug.Doer. Falcon keeps a machine contained that is so already, so
// that the same deed again changes nothing.
func (f falcon) Do(ctx context.Context, deed, _ string, params map[string]string) (plug.Done, error) {
	action, ok := actions[deed]
	if !ok || f.http == nil {
		return plug.Done{}, plug.Fail(plug.Permanent, "CrowdStrike: there is no deed %q", deed)
	}
	device, err := f.device(ctx, strings.TrimSpace(params["host"]))
	if err != nil {
		return plug.Done{}, err
	}
	doc, err := f.call(ctx, http.MethodPost, "/devices/entities/devices-actions/v2?action_name="+action, map[string]any{"ids": []string{device}})
	if err != nil {
		return plug.Done{}, err
	}
	if list := doc.List("resources"); len(list) == 0 || list[0].Text("id") != device {
		return plug.Done{}, plug.Fail(plug.Unknown, "CrowdStrike: the answer does not name the machine")
	}
	return plug.Done{Ref: device, Detail: action + " is under way"}, nil
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
