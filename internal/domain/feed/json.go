package feed

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"allclear/internal/base/fault"
)

func decode(body []byte, v any, what string) error {
	if err := json.Unmarshal(body, v); err != nil {
		return fault.New(fault.Invalid, "the document is not %s: %s", what, Plain(err.Error(), maxTitle))
	}
	return nil
}

// readJSONFeed reads JSON Feed 1.1 and 1.
func readJSONFeed(body []byte) ([]Entry, error) {
	type author struct {
		Name word `json:"name"`
	}
	var doc struct {
		Version word `json:"version"`
		Items   []struct {
			ID, URL, Title, Summary word
			External                word     `json:"external_url"`
			Text                    word     `json:"content_text"`
			HTML                    word     `json:"content_html"`
			Published               word     `json:"date_published"`
			Modified                word     `json:"date_modified"`
			Authors                 []author `json:"authors"`
			Author                  author   `json:"author"`
		} `json:"items"`
	}
	if err := decode(body, &doc, "a JSON Feed"); err != nil {
		return nil, err
	}
	if doc.Items == nil && !strings.Contains(string(doc.Version), "jsonfeed") {
		return nil, fault.New(fault.Invalid, "the document is not a JSON Feed: it has no items").With("/items", "is missing")
	}
	var out []Entry
	for _, i := range doc.Items {
		e := Entry{
			ID: string(i.ID), Title: string(i.Title), Text: string(cmp.Or(i.Text, i.HTML, i.Summary)), Link: string(cmp.Or(i.URL, i.External)),
			Author: string(i.Author.Name), At: instant(string(cmp.Or(i.Published, i.Modified))),
		}
		if len(i.Authors) > 0 {
			e.Author = string(i.Authors[0].Name)
		}
		out = append(out, e)
	}
	return out, nil
}

// readDiscourse reads /latest.json: topics, of which the first post is not part.
func readDiscourse(body []byte, from string) ([]Entry, error) {
	var doc struct {
		Users []struct {
			ID       word `json:"id"`
			Username word `json:"username"`
		} `json:"users"`
		List *struct {
			Topics []struct {
				ID, Title, Slug, Excerpt word
				Created                  word `json:"created_at"`
				Posters                  []struct {
					User word `json:"user_id"`
				} `json:"posters"`
			} `json:"topics"`
		} `json:"topic_list"`
	}
	if err := decode(body, &doc, "a list of topics"); err != nil {
		return nil, err
	}
	if doc.List == nil {
		return nil, fault.New(fault.Invalid, "the document is not the list of topics of a forum").With("/topic_list", "is missing")
	}
	names := map[word]word{}
	for _, u := range doc.Users {
		names[u.ID] = u.Username
	}
	base, _ := url.Parse(from)
	var out []Entry
	for _, t := range doc.List.Topics {
		if t.ID == "" {
			continue
		}
		e := Entry{ID: "topic/" + string(t.ID), Title: string(t.Title), Text: string(t.Excerpt), At: instant(string(t.Created))}
		if base != nil {
			// A forum may live below a path: topics are beside its lists.
			root := base.Path[:strings.LastIndex(base.Path, "/")+1]
			e.Link = (&url.URL{Scheme: base.Scheme, Host: base.Host, Path: root}).JoinPath("t", string(cmp.Or(t.Slug, "-")), string(t.ID)).String()
		}
		if len(t.Posters) > 0 {
			e.Author = string(names[t.Posters[0].User])
		}
		out = append(out, e)
	}
	return out, nil
}

// readX reads the answer of the recent search. One without data found nothing.
func readX(body []byte) ([]Entry, error) {
	var doc struct {
		Data []struct {
			ID, Text word
			Created  word `json:"created_at"`
			Author   word `json:"author_id"`
		} `json:"data"`
		Includes struct {
			Users []struct {
				ID, Username word
			} `json:"users"`
		} `json:"includes"`
		Meta *struct{} `json:"meta"`
	}
	if err := decode(body, &doc, "the answer of a search"); err != nil {
		return nil, err
	}
	if doc.Meta == nil && doc.Data == nil {
		return nil, fault.New(fault.Invalid, "the document is not the answer of a search").With("/meta", "is missing")
	}
	names := map[word]word{}
	for _, u := range doc.Includes.Users {
		names[u.ID] = u.Username
	}
	var out []Entry
	for _, p := range doc.Data {
		who := names[p.Author]
		out = append(out, Entry{
			ID: string(p.ID), Text: string(p.Text), Author: string(who), At: instant(string(p.Created)),
			Link: "https://x.com/" + url.PathEscape(string(cmp.Or(who, "i"))) + "/status/" + url.PathEscape(string(p.ID)),
		})
	}
	return out, nil
}
