// Package evidence serves the files that were kept for incidents. It hands bytes
// over as they came, under headers that let no browser take them for a page of ours.
// It must not look into a file.
package evidence

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/authz"
	domain "allclear/internal/domain/evidence"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/vault"
)

// EvidenceFile is a file that was kept.
type EvidenceFile struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	MediaType string         `json:"media_type" doc:"As its sender says."`
	Size      int64          `json:"size"`
	SHA256    string         `json:"sha256"`
	Note      string         `json:"note,omitempty"`
	About     string         `json:"about,omitempty" doc:"What it speaks for, such as hypothesis:ID."`
	By        string         `json:"by"`
	At        time.Time      `json:"at"`
	URL       string         `json:"url" doc:"Where its bytes are; taking them is written down."`
	Custody   []CustodyEntry `json:"custody" doc:"Who added it and who took a copy."`
}

// CustodyEntry is one entry of who had a file in hand.
type CustodyEntry struct {
	What string    `json:"what" enum:"added,read"`
	By   string    `json:"by"`
	Via  string    `json:"via,omitempty"`
	At   time.Time `json:"at"`
}

type upload struct {
	route.IncidentPath
	Name      string `query:"name" maxLength:"500" doc:"What the file is called."`
	Note      string `query:"note" maxLength:"10000"`
	About     string `query:"about" maxLength:"60" doc:"What it speaks for: hypothesis:ID, solution:ID, finding:ID or task:ID."`
	MediaType string `header:"Content-Type"`
}

func show(f *domain.File, custody []vault.Custody) EvidenceFile {
	out := EvidenceFile{
		ID: f.ID.String(), Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256, Note: f.Note, By: f.By, At: f.At, URL: route.Prefix + "/evidence/" + f.ID.String(),
		Custody: wire.Each(custody, func(c vault.Custody) CustodyEntry { return CustodyEntry(c) }),
	}
	if f.About.Kind != "" {
		out.About = f.About.Kind + ":" + f.About.ID.String()
	}
	return out
}

const tag = "evidence"

// Routes registers the family. There is none that changes or removes a file.
func Routes(t *route.Table, v *vault.Vault) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/evidence", Summary: "List its evidence with custody, in the order in which it came", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[EvidenceFile]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := v.List(ctx, c.Actor, n)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, func(i vault.Item) EvidenceFile { return show(i.File, i.Custody) }), in.Page, func(f EvidenceFile) string { return f.ID })
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/incidents/{id}/evidence", Summary: "Keep a file or a text as evidence, for good", Tag: tag, Status: http.StatusCreated, Upload: true,
		Detail: "The body is the file itself, at most 25 MB; nothing is unpacked. A pasted log is a file of type text/plain.",
	}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *upload) (*route.Reply[EvidenceFile], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			r := route.RequestOf(ctx)
			if r.ContentLength > v.Limit() {
				return nil, domain.TooLarge(v.Limit())
			}
			body := io.Reader(http.NoBody)
			if r.Body != nil {
				body = r.Body
			}
			f, err := v.Add(ctx, c.Actor, n, vault.NewFile{Name: in.Name, MediaType: in.MediaType, Note: in.Note, About: in.About}, body, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(show(f, []vault.Custody{{What: "added", By: f.By, Via: c.Actor.Via, At: f.At}})), nil
		})
	route.Raw(t, route.Route{Method: http.MethodGet, Path: "/evidence/{id}", Summary: "Take a copy of a piece of evidence, as it came", Tag: tag}, route.Needs(authz.Read), "application/octet-stream",
		func(c route.Call, w http.ResponseWriter, r *http.Request) {
			id, err := route.ParseID("evidence", r.PathValue("id"))
			if err != nil {
				t.Refuse(w, r, err)
				return
			}
			f, body, err := v.Open(r.Context(), c.Actor, id, c.Now)
			if err != nil {
				t.Refuse(w, r, err)
				return
			}
			headers(w.Header(), f)
			// A copy that is not whole shows: the length was told before.
			_, _ = io.Copy(w, body)
		})
}

// headers say that the bytes are to be saved and nothing else.
func headers(h http.Header, f *domain.File) {
	kind := f.MediaType
	if !strings.HasPrefix(kind, "text/plain") && !strings.HasPrefix(kind, "image/png") && !strings.HasPrefix(kind, "image/jpeg") {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("ETag", `"`+f.SHA256+`"`)
}
