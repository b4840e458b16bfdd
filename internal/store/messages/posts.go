package messages

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Posts are documents under the id of their incident. The kind says whether a
// post is still open, so that open ones are found whatever their age.
const (
	openPost = "status_post_open"
	pastPost = "status_post_past"
)

const posts = "select doc from documents where kind in ('status_post_open', 'status_post_past') "

// PostOf reads an incident's post; nil when it has none. Whoever writes holds
// the incident.
func PostOf(tx *store.Tx, incident ident.ID) (*message.Post, error) {
	var doc store.JSON[message.Post]
	err := tx.QueryRow(posts+"and id = $1", incident.String()).Scan(&doc)
	if store.NotFound(err) {
		return nil, nil
	}
	return &doc.V, err
}

// SavePost writes an incident's post.
func SavePost(tx *store.Tx, p *message.Post, now time.Time) error {
	kind := pastPost
	if p.Open() {
		kind = openPost
	}
	id := p.IncidentID.String()
	n, err := tx.Exec("update documents set kind = $1, doc = $3, version = version + 1, updated_at = $4 where kind in ('status_post_open', 'status_post_past') and id = $2",
		kind, id, store.J(p), store.Micros(now))
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec("insert into documents(kind, id, doc, version, updated_at) values($1, $2, $3, 1, $4)", kind, id, store.J(p), store.Micros(now))
	return err
}

// Posts lists the open posts and those that changed at or after the instant,
// by incident, oldest first.
func Posts(tx *store.Tx, since time.Time) ([]*message.Post, error) {
	rows, err := tx.Query(posts+"and (kind = 'status_post_open' or updated_at >= $1) order by id", store.Micros(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*message.Post
	for rows.Next() {
		var doc store.JSON[message.Post]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, &doc.V)
	}
	return out, rows.Err()
}

// PagesVersion is a number that grows with every change of any post, of announced work, of
// any tenant page's address and of how the page looks.
func PagesVersion(tx *store.Tx) (v int64, err error) {
	err = tx.QueryRow("select coalesce(sum(version), 0) from documents where kind in ('status_post_open', 'status_post_past', 'page_work_open', 'page_work_past', 'tenant_page', 'component_state') or kind = 'setting' and id = 'page_brand'").Scan(&v)
	return v, err
}

// Birth is when and under which opaque id the status page began.
type Birth struct {
	PageID string    `json:"page_id"`
	Since  time.Time `json:"since"`
}

// PageBirth reads when the status page began; ok is false before it did.
func PageBirth(tx *store.Tx) (b Birth, ok bool, err error) {
	var doc store.JSON[Birth]
	err = tx.QueryRow("select doc from documents where kind = 'setting' and id = 'status_page'").Scan(&doc)
	if store.NotFound(err) {
		return b, false, nil
	}
	return doc.V, err == nil, err
}

// BearPage records the beginning once; a later one changes nothing.
func BearPage(tx *store.Tx, b Birth) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('setting', 'status_page', $1, 1, $2) on conflict(kind, id) do nothing", store.J(b), store.Micros(b.Since))
	return err
}

// HandPost makes a post another incident's.
func HandPost(tx *store.Tx, p *message.Post, to ident.ID, now time.Time) error {
	_, err := tx.Exec("delete from documents where kind in ('status_post_open', 'status_post_past') and id = $1", p.IncidentID.String())
	if err != nil {
		return err
	}
	p.IncidentID = to
	return SavePost(tx, p, now)
}
