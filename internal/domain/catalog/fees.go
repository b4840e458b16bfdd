package catalog

import (
	"maps"
	"regexp"
	"slices"
	"time"
)

// maxFee bounds a month's fee: a billion of the currency, in hundredths.
const maxFee = 100_000_000_000

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// fees checks what service credits are computed from.
func (k *Contract) fees(c *checker) {
	if k.Currency != "" && !currencyCode.MatchString(k.Currency) {
		c.add("/contract/currency", "must be three capital letters such as USD")
	}
	if k.MonthlyFee < 0 || k.MonthlyFee > maxFee {
		c.add("/contract/monthly_fee_cents", "must be from 0 to %d", int64(maxFee))
	}
	if len(k.ProductFees) > 200 {
		c.add("/contract/product_fees_cents", "at most 200")
	}
	for _, p := range slices.Sorted(maps.Keys(k.ProductFees)) {
		if fee := k.ProductFees[p]; fee < 0 || fee > maxFee || p == "" {
			c.add("/contract/product_fees_cents/"+p, "must be from 0 to %d", int64(maxFee))
		}
	}
	if _, err := time.LoadLocation(k.TimeZone); err != nil || k.TimeZone == "Local" {
		c.add("/contract/time_zone", "must be an IANA name such as Europe/Paris")
	}
}
