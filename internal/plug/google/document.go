package google

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"allclear/internal/plug"
)

// shared is asked of every call of Drive, so that folders of shared drives work.
const shared = "supportsAllDrives=true"

// OpenDocument is plug.Document. After an attempt of which nobody knows it is looked
// for by its name.
func (g *google) OpenDocument(ctx context.Context, s plug.RoomSpec) (plug.Place, error) {
	name := plug.Line(s.Title+" ("+s.Begun.UTC().Format(time.DateOnly)+")", plug.MaxWord)
	if s.Again {
		id, err := g.find(ctx, name, s)
		if err != nil {
			return plug.Place{}, err
		}
		if id != "" {
			return place(id, name), nil
		}
	}
	id, err := g.make(ctx, name)
	if err != nil {
		return plug.Place{}, err
	}
	p := place(id, name)
	// It is there from here on: what fails below is no reason for a second one.
	if err := g.begin(ctx, id, s); err != nil {
		p.Note = "It could not be filled in from the template"
	}
	return p, nil
}

func place(id, name string) plug.Place {
	return plug.Place{Ref: id, Name: name, URL: "https://docs.google.com/document/d/" + url.PathEscape(id) + "/edit"}
}

func (g *google) find(ctx context.Context, name string, s plug.RoomSpec) (string, error) {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	q := "name = '" + quote.Replace(name) + "' and trashed = false"
	var list struct {
		Files []struct {
			ID      string    `json:"id"`
			Created time.Time `json:"createdTime"`
		} `json:"files"`
	}
	args := url.Values{"q": {q}, "fields": {"files(id,createdTime)"}, "orderBy": {"createdTime"}, "includeItemsFromAllDrives": {"true"}, "supportsAllDrives": {"true"}}
	if err := g.call(ctx, http.MethodGet, g.drive+"/files?"+args.Encode(), nil, &list); err != nil {
		return "", err
	}
	for _, f := range list.Files {
		if s.MadeSince(f.Created) {
			return f.ID, nil
		}
	}
	return "", nil
}

// make copies the template, or makes an empty document and moves it.
func (g *google) make(ctx context.Context, name string) (string, error) {
	if g.template != "" {
		body := map[string]any{"name": name}
		if g.folder != "" {
			body["parents"] = []string{g.folder}
		}
		var made struct {
			ID string `json:"id"`
		}
		err := g.call(ctx, http.MethodPost, g.drive+"/files/"+url.PathEscape(g.template)+"/copy?"+shared, body, &made)
		return sure(made.ID, err)
	}
	var made struct {
		ID string `json:"documentId"`
	}
	if err := g.call(ctx, http.MethodPost, g.docs+"/v1/documents", map[string]string{"title": name}, &made); err != nil {
		return "", err
	}
	id, err := sure(made.ID, nil)
	if err != nil || g.folder == "" {
		return id, err
	}
	// Where it lies is of no matter to who writes in it: it may not be moved and is still there.
	_ = g.call(ctx, http.MethodPatch, g.drive+"/files/"+url.PathEscape(id)+"?addParents="+url.QueryEscape(g.folder)+"&"+shared, map[string]any{}, nil)
	return id, nil
}

func sure(id string, err error) (string, error) {
	if err == nil && id == "" {
		return "", plug.Fail(plug.Unknown, "make the document: the answer names none")
	}
	return id, err
}

// begin fills in what stands at the top.
func (g *google) begin(ctx context.Context, id string, s plug.RoomSpec) error {
	if g.template == "" {
		return g.write(ctx, id, []any{insert(s.Text + "\n\nTimeline\n")})
	}
	replace := func(from, to string) any {
		return map[string]any{"replaceAllText": map[string]any{"containsText": map[string]any{"text": from, "matchCase": true}, "replaceText": to}}
	}
	number, _, _ := strings.Cut(s.Key, "/")
	return g.write(ctx, id, []any{replace("{{number}}", number), replace("{{title}}", s.Title), replace("{{date}}", s.Begun.UTC().Format(time.DateOnly))})
}

func insert(text string) any {
	return map[string]any{"insertText": map[string]any{"text": plug.Storable(text), "endOfSegmentLocation": map[string]any{}}}
}

func (g *google) write(ctx context.Context, id string, requests []any) error {
	return g.call(ctx, http.MethodPost, g.docs+"/v1/documents/"+url.PathEscape(id)+":batchUpdate", map[string]any{"requests": requests}, nil)
}

// Share is plug.Document: the domain and the group of the settings may write, else
// each person; in what is private each person only. A permission that stands is given
// again without harm.
func (g *google) Share(ctx context.Context, ref string, private bool, who []plug.Guest) error {
	var all []map[string]string
	if !private && g.domain != "" {
		all = append(all, map[string]string{"role": "writer", "type": "domain", "domain": g.domain})
	}
	if !private && g.group != "" {
		all = append(all, map[string]string{"role": "writer", "type": "group", "emailAddress": g.group})
	}
	if len(all) == 0 {
		for _, w := range who {
			if w.Email != "" {
				all = append(all, map[string]string{"role": "writer", "type": "user", "emailAddress": w.Email})
			}
		}
	}
	for _, p := range all {
		to := g.drive + "/files/" + url.PathEscape(ref) + "/permissions?" + shared + "&sendNotificationEmail=false"
		err := g.call(ctx, http.MethodPost, to, p, nil)
		if f := plug.FailureOf(err); f != nil && p["type"] == "user" && f.Kind == plug.Permanent && !f.Ours {
			continue // somebody without an account there keeps out nobody else
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Withdraw is plug.Withdrawer: the name first, which stays in sight longest, then every
// permission but the owner's. What a shared drive or a folder lets in cannot be taken
// away at the file, and is a failure.
func (g *google) Withdraw(ctx context.Context, ref, name string) error {
	file := g.drive + "/files/" + url.PathEscape(ref)
	if err := g.call(ctx, http.MethodPatch, file+"?"+shared, map[string]string{"name": name}, nil); err != nil {
		return err
	}
	token := ""
	for range permissionPages {
		args := url.Values{"fields": {"nextPageToken,permissions(id,role)"}, "pageSize": {"100"}, "supportsAllDrives": {"true"}}
		if token != "" {
			args.Set("pageToken", token)
		}
		var page struct {
			Next string `json:"nextPageToken"`
			All  []struct {
				ID   string `json:"id"`
				Role string `json:"role"`
			} `json:"permissions"`
		}
		if err := g.call(ctx, http.MethodGet, file+"/permissions?"+args.Encode(), nil, &page); err != nil {
			return err
		}
		for _, p := range page.All {
			if p.Role == "owner" {
				continue
			}
			if err := g.call(ctx, http.MethodDelete, file+"/permissions/"+url.PathEscape(p.ID)+"?"+shared, nil, nil); err != nil {
				return err
			}
		}
		if token = page.Next; token == "" {
			return nil
		}
	}
	return plug.Fail(plug.Permanent, "more people have it than can be looked through")
}

// permissionPages is how many pages of those who have a document are looked through.
const permissionPages = 20

// Append is plug.Document.
func (g *google) Append(ctx context.Context, ref string, lines []string, again bool) error {
	if again {
		text, err := g.text(ctx, ref)
		if err != nil {
			return err
		}
		var left []string
		for _, l := range lines {
			if !strings.Contains(text, l) {
				left = append(left, l)
			}
		}
		lines = left
	}
	if len(lines) == 0 {
		return nil
	}
	return g.write(ctx, ref, []any{insert(strings.Join(lines, "\n") + "\n")})
}

// text is what stands in the document.
func (g *google) text(ctx context.Context, ref string) (string, error) {
	var doc struct {
		Body struct {
			Content []struct {
				Paragraph struct {
					Elements []struct {
						Run struct {
							Content string `json:"content"`
						} `json:"textRun"`
					} `json:"elements"`
				} `json:"paragraph"`
			} `json:"content"`
		} `json:"body"`
	}
	err := g.call(ctx, http.MethodGet, g.docs+"/v1/documents/"+url.PathEscape(ref)+"?fields=body(content(paragraph(elements(textRun(content)))))", nil, &doc)
	var b strings.Builder
	for _, c := range doc.Body.Content {
		for _, e := range c.Paragraph.Elements {
			b.WriteString(e.Run.Content)
		}
	}
	return b.String(), err
}
