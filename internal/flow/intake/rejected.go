package intake

import (
	"context"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/alerts"
)

// Rejected is a payload nothing could be made of. It is kept so that whoever
// set up the source can see what came and why it was refused; it is evidence,
// not a promise, and is kept behind everything else.
type Rejected struct {
	ServiceID string
	Source    string
	Raw       []byte
	Problem   string
	Now       time.Time
}

const (
	maxRefused  = 64
	maxEvidence = 64 << 10 // bytes kept of a refused payload
)

// Reject keeps a refused payload. fault.Busy means that too many are waiting
// already and this one is not kept.
func (i *Intake) Reject(ctx context.Context, r Rejected) error {
	i.totals.refused.Add(1)
	_, err := i.refused.Submit(ctx, r)
	return err
}

func keepRejected(tx *store.Tx, batch []Rejected) error {
	raws := make([]alerts.Raw, len(batch))
	for k, r := range batch {
		body := r.Raw[:min(len(r.Raw), maxEvidence)]
		if body == nil {
			body = []byte{}
		}
		raws[k] = alerts.Raw{Source: r.Source, ServiceID: r.ServiceID, ReceivedAt: r.Now, Body: body, Problem: r.Problem}
	}
	return alerts.Keep(tx, raws)
}
