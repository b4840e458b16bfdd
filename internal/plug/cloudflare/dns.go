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
		Name: PointRecord, Title: "Point a DNS record elsewhere", Approvals: 1, Undo: PointRecord, Restores: "content", Clauses: []string{"ESC-EXT-CF"},
		Effect: "The name answers with the new content within seconds where it is proxied, else when its time to live is over.",
		Params: []plug.Field{
			{Key: "zone", Title: "Zone", Required: true, Help: "Its id; one of the settings."},
			{Key: "record", Title: "Record", Required: true, Help: "Its id."},
			{Key: "content", Title: "Content", Required: true, Help: "Address of an A or AAAA record, name of a CNAME."},
		},
	}}
}

var nameShape = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}\.?$`)

// pointing is a record, as it is, that is to have another content.
type pointing struct{ path, record, name, before, content string }

// look reads the record of a deed, and refuses what cannot be its content.
func (e edge) look(ctx context.Context, deed string, params map[string]string) (p pointing, err error) {
	zone, record, content := params["zone"], params["record"], strings.TrimSpace(params["content"])
	switch {
	case deed != PointRecord || e.http == nil:
		return p, plug.Fail(plug.Permanent, "Cloudflare: there is no deed %q", deed)
	case !slices.Contains(e.zones, zone):
		return p, plug.Fail(plug.Permanent, "Cloudflare: the settings do not name the zone %s", plug.Line(zone, plug.MaxWord))
	case !idShape.MatchString(record):
		return p, plug.Fail(plug.Permanent, "Cloudflare: a record has an id of 32 digits")
	}
	path := "/client/v4/zones/" + zone + "/dns_records/" + record
	was, err := e.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return p, err
	}
	p = pointing{path: path, record: record, name: was.Text("name"), before: was.Text("content"), content: content}
	if kind := was.Text("type"); !fits(kind, content) {
		return p, plug.Fail(plug.Permanent, "Cloudflare: %q is no content of the %s record %s", plug.Line(content, plug.MaxWord), kind, p.name)
	}
	return p, nil
}

// Rehearse implements plug.Rehearser.
func (e edge) Rehearse(ctx context.Context, deed string, params map[string]string) (plug.Rehearsal, error) {
	p, err := e.look(ctx, deed, params)
	if err != nil {
		return plug.Rehearsal{}, err
	}
	if p.before == p.content {
		return plug.Rehearsal{Detail: p.name + " is " + p.content + " already", Is: true}, nil
	}
	return plug.Rehearsal{Detail: p.name + " is " + plug.Line(p.before, plug.MaxWord) + " and would be " + p.content}, nil
}

// Do implements plug.Doer. What the record was before is read first, so that the deed
// can be taken back; a record that says it already is left alone.
func (e edge) Do(ctx context.Context, deed, _ string, params map[string]string) (plug.Done, error) {
	p, err := e.look(ctx, deed, params)
	if err != nil {
		if f := plug.FailureOf(err); f.Kind == plug.Unknown { // nothing was asked to change yet
			err = plug.Again(err)
		}
		return plug.Done{}, err
	}
	done := plug.Done{Ref: p.record, Detail: p.name + " says so already", Before: p.before}
	if p.before == p.content {
		return done, nil
	}
	now, err := e.call(ctx, http.MethodPatch, p.path, map[string]string{"content": p.content})
	if err != nil {
		return done, err
	}
	if now.Text("content") != p.content {
		return done, plug.Fail(plug.Unknown, "Cloudflare: %s is still %s", p.name, plug.Line(now.Text("content"), plug.MaxWord))
	}
	done.Detail = p.name + " is " + p.content + " now"
	return done, nil
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
	failed := ans.Failure()
	if method != http.MethodGet && ans.Status >= http.StatusInternalServerError {
		failed = plug.Unsure(failed)
	}
	if failed != nil {
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
