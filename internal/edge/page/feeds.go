package page

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// Atom as in RFC 4287.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Links   []atomLink  `xml:"link"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Title     string   `xml:"title"`
	Content   typed    `xml:"content"`
}

type typed struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// RSS 2.0 (https://www.rssboard.org/rss-specification).
type rssFeed struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Channel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Self        atomLink  `xml:"atom:link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language"`
		PubDate     string    `xml:"pubDate"`
		Items       []rssItem `xml:"item"`
	} `xml:"channel"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Description string  `xml:"description"`
	PubDate     string  `xml:"pubDate"`
	Link        string  `xml:"link"`
	GUID        rssGUID `xml:"guid"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// entries are incidents and announced work together, newest first.
func (b *book) entries() []status.Incident {
	all := byStart(b.snap.Incidents)
	for _, m := range b.snap.Maintenances {
		all = append(all, m.Incident)
	}
	slices.SortStableFunc(all, func(x, y status.Incident) int { return y.StartedAt.Compare(x.StartedAt) })
	return all[:min(len(all), newest)]
}

func (b *book) feeds() error {
	all := b.entries()
	if err := b.feedPair("history", b.title()+" – "+b.l.t("incident history"), all); err != nil {
		return err
	}
	for _, c := range b.snap.Components {
		if c.Group {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(all), func(i status.Incident) bool { return !slices.Contains(i.ComponentIDs, c.ID) })
		if err := b.feedPair("components/"+c.ID, b.title()+" – "+c.Name, own); err != nil {
			return err
		}
	}
	return nil
}

// feedPair draws the same entries as Atom and as RSS.
func (b *book) feedPair(name, title string, entries []status.Incident) error {
	base, tag, id := b.base()+b.at, b.tagURI(), b.at+"/"+name
	if b.private != "" { // another feed than the public one, whatever the address; its entries are the same
		id = b.at + "/private" + strings.TrimPrefix("/"+name, "/history")
	}
	title = clean(title)
	atom := atomFeed{
		Lang: string(b.l), ID: tag + id, Title: title, Updated: instant(b.snap.Page.UpdatedAt), Author: clean(b.snap.Page.Name),
		Links: []atomLink{{"alternate", "text/html", base + "/"}, {"self", "application/atom+xml", base + "/" + name + ".atom"}},
	}
	rss := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom"}
	rss.Channel.Title, rss.Channel.Link, rss.Channel.Language = title, base+"/", string(b.l)
	rss.Channel.Self = atomLink{"self", "application/rss+xml", base + "/" + name + ".rss"}
	rss.Channel.Description = clean(b.l.t("Incidents and maintenance of %s", b.snap.Page.Name))
	rss.Channel.PubDate = b.snap.Page.UpdatedAt.UTC().Format(time.RFC1123Z)
	for _, i := range entries {
		link, text := base+"/incidents/"+i.ID, b.feedBody(i)
		atom.Entries = append(atom.Entries, atomEntry{
			ID: tag + "/incidents/" + i.ID, Published: instant(i.StartedAt), Updated: instant(i.UpdatedAt),
			Link: atomLink{"alternate", "text/html", link}, Title: clean(i.Name), Content: typed{"html", text},
		})
		rss.Channel.Items = append(rss.Channel.Items, rssItem{
			Title: clean(i.Name), Description: text, PubDate: i.UpdatedAt.UTC().Format(time.RFC1123Z), Link: link,
			GUID: rssGUID{Permanent: false, ID: tag + "/incidents/" + i.ID},
		})
	}
	if err := b.feed(name+".atom", "application/atom+xml; charset=utf-8", atom); err != nil {
		return err
	}
	return b.feed(name+".rss", "application/rss+xml; charset=utf-8", rss)
}

func (b *book) feed(name, contentType string, v any) error {
	out, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return fault.Wrap(fault.Internal, err, "encode "+name)
	}
	a := newAsset(contentType, append([]byte(xml.Header), out...), []string{"default-src 'none'"})
	a.open = true
	a.lang = []string{string(b.l)}
	b.put(b.at+"/"+name, a)
	return nil
}

// feedBody is the history of an incident as HTML, newest update first.
func (b *book) feedBody(i status.Incident) string {
	var sb strings.Builder
	for _, u := range i.Latest() {
		fmt.Fprintf(&sb, "<p><small>%s</small><br><strong>%s</strong></p>\n%s", b.l.date(u.DisplayAt, fullTime), html.EscapeString(b.l.t(u.Status.Label())+mark(b.l, u)), b.prose(u.Body))
	}
	return clean(sb.String())
}

// mark says that an update is no longer so.
func mark(l tongue, u status.Update) string {
	if u.CorrectedAt == nil {
		return ""
	}
	word := "Corrected"
	if u.Withdrawn {
		word = "Withdrawn"
	}
	return " · " + l.t(word) + " (" + l.date(*u.CorrectedAt, fullTime) + ")"
}

// tagURI is the feed's lasting name (RFC 4151): it must not change when the
// page is served from another address, so only the host goes in.
func (b *book) tagURI() string {
	host := "status.invalid"
	if u, err := url.Parse(cmp.Or(b.snap.Page.URL, b.opt.BaseURL)); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:"
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clean drops what XML 1.0 cannot carry; encoding/xml would replace it with
// a visible mark.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}
