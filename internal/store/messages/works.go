package messages

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/brand"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Announced work is kept like posts: open and past are kinds of their own, so that
// both are found by the index.

const (
	openWork = "page_work_open"
	pastWork = "page_work_past"
)

const works = "select doc from documents where kind in ('page_work_open', 'page_work_past') "

// Work reads and locks announced work by its public id.
func Work(tx *store.Tx, id string) (*message.Work, error) {
	var doc store.JSON[message.Work]
	err := tx.QueryRow(works+"and id = $1"+tx.ForUpdate(), id).Scan(&doc)
	if store.NotFound(err) {
		return nil, fault.New(fault.NotFound, "there is no such announcement")
	}
	return &doc.V, err
}

// OpenWorks lists the work that is to come or under way, by id.
func OpenWorks(tx *store.Tx) ([]*message.Work, error) {
	return listWorks(tx, "select doc from documents where kind = 'page_work_open' order by id")
}

// Works lists the open work and what changed at or after the instant, by id.
func Works(tx *store.Tx, since time.Time) ([]*message.Work, error) {
	return listWorks(tx, works+"and (kind = 'page_work_open' or updated_at >= $1) order by id", store.Micros(since))
}

func listWorks(tx *store.Tx, query string, args ...any) ([]*message.Work, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*message.Work
	for rows.Next() {
		var doc store.JSON[message.Work]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, &doc.V)
	}
	return out, rows.Err()
}

// SaveWork writes announced work.
func SaveWork(tx *store.Tx, w *message.Work, now time.Time) error {
	kind := pastWork
	if w.Open() {
		kind = openWork
	}
	n, err := tx.Exec("update documents set kind = $1, doc = $3, version = version + 1, updated_at = $4 where kind in ('page_work_open', 'page_work_past') and id = $2",
		kind, w.ID, store.J(w), store.Micros(now))
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec("insert into documents(kind, id, doc, version, updated_at) values($1, $2, $3, 1, $4)", kind, w.ID, store.J(w), store.Micros(now))
	return err
}

// Brand reads how the page looks; zero when nothing was chosen.
func Brand(tx *store.Tx) (brand.Brand, error) {
	var doc store.JSON[brand.Brand]
	err := tx.QueryRow("select doc from documents where kind = 'setting' and id = 'page_brand'").Scan(&doc)
	if store.NotFound(err) {
		err = nil
	}
	return doc.V, err
}

// SaveBrand writes how the page looks.
func SaveBrand(tx *store.Tx, b brand.Brand, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('setting', 'page_brand', $1, 1, $2) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		store.J(b), store.Micros(now))
	return err
}
