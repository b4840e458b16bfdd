package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// PointRecord is the deed that gives a DNS record another content.
const PointRecord = "point_dns_record"

// Deeds implements plug.Doer.
func (e edge) Deeds() []plug.Deed {
	if e.http == nil {
		return nil
	}
	return []plug.Deed{{
		Name: PointRecord, Title: "Point a DNS record elsewhere", Approvals: 1, Undo: PointRecord,
		Effect: "The name answers with the new content within seconds where it is proxied, else when its time to live is over.",
		Params: []plug.Field{
			{Key: "zone", Title: "Zone", Required: true, Help: "Its id; one of the settings."},
			{Key: "record", Title: "Record", Required: true, Help: "Its id."},
			{Key: "content", Title: "Content", Required: true, Help: "Address of an A or AAAA record, name of a CNAME."},
		},
	}}
}

var nameShape = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}\.?$`)

// Do implements plug.Doer. What the record was before is read first, so that the deed
// can be taken back; a record that says it already is left alone.
func (e edge) Do(ctx context.Context, deed, _ string, params map[string]string) (plug.Done, error) {
	zone, record, content := params["zone"], params["record"], strings.TrimSpace(params["content"])
	switch {
	case deed != PointRecord || e.http == nil:
		return plug.Done{}, plug.Fail(plug.Permanent, "Cloudflare: there is no deed %q", deed)
	case !slices.Contains(e.zones, zone):
		return plug.Done{}, plug.Fail(plug.Permanent, "Cloudflare: the settings do not name the zone %s", plug.Line(zone, plug.MaxWord))
	case !idShape.MatchString(record):
		return plug.Done{}, plug.Fail(plug.Permanent, "Cloudflare: a record has an id of 32 digits")
	}
	path := "/client/v4/zones/" + zone + "/dns_records/" + record
	was, err := e.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return plug.Done{}, err
	}
	name, kind, before := was.Text("name"), was.Text("type"), was.Text("content")
	if !fits(kind, content) {
		return plug.Done{}, plug.Fail(plug.Permanent, "Cloudflare: %q is no content of the %s record %s", plug.Line(content, plug.MaxWord), kind, name)
	}
	if before == content {
		return plug.Done{Ref: record, Detail: name + " says so already", Before: before}, nil
	}
	now, err := e.call(ctx, http.MethodPatch, path, map[string]string{"content": content})
	if err != nil {
		return plug.Done{}, err
	}
	if now.Text("content") != content {
		return plug.Done{}, plug.Fail(plug.Unknown, "Cloudflare: %s is still %s", name, plug.Line(now.Text("content"), plug.MaxWord))
	}
	return plug.Done{Ref: record, Detail: name + " is " + content + " now", Before: before}, nil
}

// fits: only records that lead somewhere are changed.
func fits(kind, content string) bool {
	addr, err := netip.ParseAddr(content)
	switch kind {
	case "A":
		return err == nil && addr.Is4()
	case "AAAA":
		return err == nil && addr.Is6() && !addr.Is4In6()
	case "CNAME":
		return err != nil && len(content) <= 253 && nameShape.MatchString(content)
	}
	return false
}

// call makes one call and reads its result, or why there is none.
func (e edge) call(ctx context.Context, method, path string, in any) (plug.Doc, error) {
	var body []byte
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return plug.Doc{}, plug.Fail(plug.Permanent, "Cloudflare: %w", err)
		}
		body = b
	}
	ans, err := e.http.Do(ctx, plug.Request{Method: method, URL: e.base + path, Header: e.header(), Body: body, Secrets: []secret.String{e.token}, Still: true})
	if err != nil {
		return plug.Doc{}, err
	}
	doc, read := plug.ReadDoc(ans.Body)
	why := ""
	if list := doc.List("errors"); len(list) > 0 {
		why = plug.Clean(plug.Line(list[0].Text("code")+" "+list[0].Text("message"), plug.MaxSummary), e.token)
	}
	if failed := ans.Failure(); failed != nil {
		f := *plug.FailureOf(failed)
		if why != "" {
			f.Err = fault.New(fault.Unavailable, "Cloudflare answers: %s", why)
		}
		return plug.Doc{}, &f
	}
	if read != nil || !doc.True("success") {
		return plug.Doc{}, plug.Fail(plug.Unknown, "Cloudflare: the answer is no success: %s", plug.First(why, "it is not what its API documents"))
	}
	return doc.At("result"), nil
}
