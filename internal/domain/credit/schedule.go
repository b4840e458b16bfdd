package credit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Band gives a share of the fee for a month with less availability than Below.
type Band struct {
	Below int64 `json:"below_ppm"` // availability, parts per million of the month
	Share int64 `json:"share_ppm"` // of the fee
}

// Schedule says what a month below the promise is worth.
type Schedule struct {
	ID    string `json:"id"`
	Bands []Band `json:"bands"`
	Cap   int64  `json:"cap_ppm"` // most of a month's fees that is credited
}

// Hash names what a schedule says. A confirmation holds for this and nothing else.
func (s Schedule) Hash() string {
	body, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// below reports whether downtime leaves less availability than ppm of a month. It
// multiplies instead of dividing, so that a month at the limit is not below it.
func below(ppm, down, month int64) bool { return down*Whole > (Whole-ppm)*month }

// share is what a month is worth: the highest share of the bands it falls into, and
// nothing while the promise is kept.
func (s Schedule) share(promise, down, month int64) (share int64) {
	if !below(promise, down, month) {
		return 0
	}
	for _, b := range s.Bands {
		if below(b.Below, down, month) {
			share = max(share, b.Share)
		}
	}
	return min(share, Whole)
}
