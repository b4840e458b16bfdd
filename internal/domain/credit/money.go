package credit

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Currencies are those whose smallest unit is a hundredth, which is what an amount
// counts here.
var Currencies = []string{"USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "SGD", "INR", "BRL", "MXN"}

// Whole is all of something in parts per million.
const Whole = 1_000_000

// PPM turns a percentage into parts per million, to the nearest.
func PPM(percent float64) int64 {
	if percent < 0 {
		return int64(percent*10_000 - 0.5)
	}
	return int64(percent*10_000 + 0.5)
}

// Percent is the inverse of PPM, for people.
func Percent(ppm int64) float64 { return float64(ppm) / 10_000 }

// part is share, in parts per million, of cents: rounded to the cent, half a cent up.
func part(cents, share int64) int64 {
	n := new(big.Int).Mul(big.NewInt(cents), big.NewInt(share))
	n.Add(n, big.NewInt(Whole/2))
	return n.Div(n, big.NewInt(Whole)).Int64()
}

// split divides cents by weights so that the parts add up to it: each gets its share
// rounded down, and what is left goes, a cent each, to the largest remainders, the
// earlier first. Without any weight the first gets all.
func split(cents int64, weights []int64) []int64 {
	out := make([]int64, len(weights))
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	if len(weights) == 0 || cents == 0 {
		return out
	}
	if total.Sign() <= 0 {
		out[0] = cents
		return out
	}
	rest, order, left := make([]*big.Int, len(weights)), make([]int, len(weights)), cents
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(cents), big.NewInt(w)), total, new(big.Int))
		out[i], rest[i], order[i] = q.Int64(), r, i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(rest[b].Cmp(rest[a]), cmp.Compare(a, b)) })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}

// Money writes cents with their currency: "1,234.50 USD".
func Money(cents int64, currency string) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	whole := strconv.FormatInt(cents/100, 10)
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + "." + Decimal(cents)[len(Decimal(cents))-2:] + " " + currency
}

// Decimal writes cents as a plain number with two decimals, for machines: "1234.50".
func Decimal(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	hundredths := strconv.FormatInt(cents%100, 10)
	if len(hundredths) < 2 {
		hundredths = "0" + hundredths
	}
	return sign + strconv.FormatInt(cents/100, 10) + "." + hundredths
}
