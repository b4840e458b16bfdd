package messages

import (
	"time"

	"allclear/internal/store"
)

// TenantPage is what is kept of a customer's private page. The row stays when
// the page ends, so that a number never comes back and with it an address.
type TenantPage struct {
	Customer string    `json:"-"`
	Number   int64     `json:"number"` // of the address, 1 for the first
	Open     bool      `json:"open"`   // the address answers
	Since    time.Time `json:"since"`  // when the address was made or ended
}

// TenantPageOf reads a customer's page, and locks it for a change; one that
// never had an address is the zero value with the customer.
func TenantPageOf(tx *store.Tx, customer string) (TenantPage, error) {
	query := "select doc from documents where kind = 'tenant_page' and id = $1"
	if !tx.ReadOnly() {
		query += tx.ForUpdate()
	}
	var doc store.JSON[TenantPage]
	err := tx.QueryRow(query, customer).Scan(&doc)
	if store.NotFound(err) {
		err = nil
	}
	doc.V.Customer = customer
	return doc.V, err
}

// TenantPages lists the pages whose address answers, by customer.
func TenantPages(tx *store.Tx) ([]TenantPage, error) {
	rows, err := tx.Query("select id, doc from documents where kind = 'tenant_page' order by id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []TenantPage
	for rows.Next() {
		var id string
		var doc store.JSON[TenantPage]
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, err
		}
		if doc.V.Customer = id; doc.V.Open {
			out = append(out, doc.V)
		}
	}
	return out, rows.Err()
}

// SaveTenantPage writes a customer's page.
func SaveTenantPage(tx *store.Tx, p TenantPage) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('tenant_page', $1, $2, 1, $3) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		p.Customer, store.J(p), store.Micros(p.Since))
	return err
}
