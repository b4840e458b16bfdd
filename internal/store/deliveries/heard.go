package deliveries

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Heard is what became of the messages of an incident to one recipient on one
// channel.
type Heard struct {
	Recipient, Channel string
	First              time.Time // the first that was accepted; zero: none
	Accepted, Failed   int
	Waiting            int
}

// HeardOf adds up the messages of an incident by recipient and channel.
func HeardOf(tx *store.Tx, incident ident.ID) ([]Heard, error) {
	rows, err := tx.Query("select recipient, channel, coalesce(min(case when state = 'sent' then done_at end), 0),"+
		" sum(case when state = 'sent' then 1 else 0 end), sum(case when state = 'failed' or confirmation = 'failed' then 1 else 0 end),"+
		" sum(case when state in ('queued','attempting') then 1 else 0 end)"+
		" from deliveries where incident_id = $1 and kind = $2 group by recipient, channel order by recipient, channel", int64(incident), message.KindMessage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Heard
	for rows.Next() {
		var h Heard
		var first int64
		if err := rows.Scan(&h.Recipient, &h.Channel, &first, &h.Accepted, &h.Failed, &h.Waiting); err != nil {
			return nil, err
		}
		h.First = store.Time(first)
		out = append(out, h)
	}
	return out, rows.Err()
}
