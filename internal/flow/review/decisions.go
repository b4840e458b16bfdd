package review

import (
	"encoding/json"
	"fmt"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/inquiries"
)

// Decided reads the decisions that were written down while the cause was looked for
// (PIR-IMM-TL-2).
func Decided(tx *store.Tx, incident ident.ID) (out []review.Decision, err error) {
	rows, err := inquiries.OfAll(tx, []ident.ID{incident}, inquiry.KindDecision)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		var d inquiry.Decision
		if err := json.Unmarshal(rows[i].Doc, &d); err != nil {
			return nil, fmt.Errorf("read decision %s: %w", rows[i].ID, err)
		}
		out = append(out, review.Decision{ID: rows[i].ID, What: strings.TrimSpace(d.Question + ": " + d.Choice), Options: d.Options, Rationale: strings.TrimSpace(d.Rationale), By: d.MadeBy, At: d.MadeAt})
	}
	return out, nil
}
