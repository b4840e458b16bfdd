package deliveries

import (
	"slices"

	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Turn reports whether a delivery that this transaction has claimed may be attempted:
// no other attempt at its channel and address is under way, on any node. mine are the
// other claims of the transaction, of which the caller knows. Of two nodes that ask at
// once one is told no.
func Turn(tx *store.Tx, d *message.Delivery, t Term, mine []ident.ID) (bool, error) {
	if ok, err := tx.TryLock("delivery\x00" + d.Channel + "\x00" + d.Address); !ok || err != nil {
		return false, err
	}
	// That it is queued or attempting is said for the index of what is not finished.
	rows, err := tx.Query("select id from deliveries where state in ('queued','attempting') and priority = $1 and channel = $2 and address = $3 and state = 'attempting' and lease_until > $4 and id <> $5",
		d.Priority, d.Channel, d.Address, store.Micros(t.Shared), int64(d.ID))
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return false, err
		}
		if !slices.Contains(mine, ident.ID(id)) {
			return false, rows.Err()
		}
	}
	return true, rows.Err()
}

// PutBack gives up a claim of which nothing was attempted, until the delivery is due
// again.
func PutBack(tx *store.Tx, d *message.Delivery) error {
	_, err := tx.Exec("update deliveries set state = 'queued', attempts = attempts - 1, due_at = $3, lease_until = 0 where id = $1 and fence = $2 and state = 'attempting'",
		int64(d.ID), d.Fence, store.Micros(d.DueAt))
	return err
}
