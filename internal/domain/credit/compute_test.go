package credit_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/credit"
)

var standard = credit.Schedule{ID: "standard", Cap: credit.PPM(50), Bands: []credit.Band{
	{Below: credit.PPM(99.95), Share: credit.PPM(10)}, {Below: credit.PPM(99), Share: credit.PPM(25)}, {Below: credit.PPM(95), Share: credit.PPM(50)},
}}

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func span(from, until string) credit.Span { return credit.Span{From: at(from), Until: at(until)} }

func hit(id ident.ID, from, until string) credit.Hit {
	return credit.Hit{Incident: id, Number: int64(id), Kind: credit.Outage, Spans: []credit.Span{span(from, until)}}
}

func month(m credit.Month, fee int64, hits ...credit.Hit) credit.Inputs {
	return credit.Inputs{
		Formula: credit.Formula, Customer: "acme", Name: "Acme", Month: m, Zone: "UTC", Promise: credit.PPM(99.95), Currency: "USD",
		Fees: []credit.Fee{{Cents: fee}}, Schedule: standard, Hits: hits,
	}
}

// Worked examples, to the cent. docs/credits.md explains them.
//
// Clauses: FUP-CR-CALC, OBJ-UPTIME
func TestWorkedExamples(t *testing.T) {
	degraded := hit(1, "2026-04-10 10:00", "2026-04-10 12:00")
	degraded.Kind = credit.Degradation
	counted := month("2026-04", 100_000, degraded)
	counted.Degradation = true
	agreed := hit(1, "2026-04-10 10:00", "2026-04-10 11:00")
	agreed.Agreed = []credit.Span{span("2026-04-10 10:10", "2026-04-10 10:40")}
	whole := hit(1, "2026-04-10 10:00", "2026-04-10 11:00")
	whole.Agreed = []credit.Span{span("2026-04-10 09:00", "2026-04-10 11:00")}
	edges := hit(1, "2026-04-10 10:00", "2026-04-10 11:00")
	edges.Agreed = []credit.Span{span("2026-04-10 09:00", "2026-04-10 10:20"), span("2026-04-10 10:39", "2026-04-10 12:00")}
	paris := month("2026-03", 100_000, hit(1, "2026-02-28 23:10", "2026-03-01 00:10"))
	paris.Zone = "Europe/Paris"
	lenient := month("2026-04", 100_000, hit(1, "2026-04-10 10:00", "2026-04-10 11:00"))
	lenient.Promise = credit.PPM(99.5)
	free := month("2026-04", 0, hit(1, "2026-04-10 10:00", "2026-04-10 11:00"))
	free.Fees = nil
	for _, c := range []struct {
		name   string
		in     credit.Inputs
		down   time.Duration
		below  bool
		credit int64
	}{
		{"nothing happened", month("2026-04", 123_456), 0, false, 0},
		{"21 minutes of 30 days keep 99.95 %", month("2026-04", 123_456, hit(1, "2026-04-10 10:00", "2026-04-10 10:21")), 21 * time.Minute, false, 0},
		{"22 minutes do not", month("2026-04", 123_456, hit(1, "2026-04-10 10:00", "2026-04-10 10:22")), 22 * time.Minute, true, 12_346},
		{"half a cent goes up", month("2026-04", 12_345, hit(1, "2026-04-10 10:00", "2026-04-10 10:22")), 22 * time.Minute, true, 1_235},
		{"less goes down", month("2026-04", 12_344, hit(1, "2026-04-10 10:00", "2026-04-10 10:22")), 22 * time.Minute, true, 1_234},
		{"31 days allow 22 minutes", month("2026-03", 123_456, hit(1, "2026-03-10 10:00", "2026-03-10 10:22")), 22 * time.Minute, false, 0},
		{"a leap February is 29 days: 20 minutes are kept", month("2028-02", 100_000, hit(1, "2028-02-29 23:40", "2028-03-01 00:00")), 20 * time.Minute, false, 0},
		{"28 days: 21 minutes are not", month("2026-02", 100_000, hit(1, "2026-02-28 23:39", "2026-03-01 00:00")), 21 * time.Minute, true, 10_000},
		{"on the leap day 21 minutes are not", month("2028-02", 100_000, hit(1, "2028-02-29 23:39", "2028-03-01 00:00")), 21 * time.Minute, true, 10_000},
		{"over the end of a month: the first part", month("2026-04", 100_000, hit(1, "2026-04-30 23:30", "2026-05-01 00:45")), 30 * time.Minute, true, 10_000},
		{"and the second", month("2026-05", 100_000, hit(1, "2026-04-30 23:30", "2026-05-01 00:45")), 45 * time.Minute, true, 10_000},
		{"in Paris March begins at 23:00 UTC", paris, time.Hour, true, 10_000},
		{"overlapping incidents count once", month("2026-04", 100_000, hit(1, "2026-04-10 10:00", "2026-04-10 10:15"), hit(2, "2026-04-10 10:10", "2026-04-10 10:21")), 21 * time.Minute, false, 0},
		{"incidents that meet count both", month("2026-04", 100_000, hit(1, "2026-04-10 10:00", "2026-04-10 10:11"), hit(2, "2026-04-10 10:11", "2026-04-10 10:22")), 22 * time.Minute, true, 10_000},
		{"maintenance inside an incident", month("2026-04", 100_000, agreed), 30 * time.Minute, true, 10_000},
		{"maintenance around it", month("2026-04", 100_000, whole), 0, false, 0},
		{"maintenance at both ends", month("2026-04", 100_000, edges), 19 * time.Minute, false, 0},
		{"degradation does not count", month("2026-04", 100_000, degraded), 0, false, 0},
		{"but where the contract says so", counted, 2 * time.Hour, true, 10_000},
		{"below 99 %", month("2026-04", 100_000, hit(1, "2026-04-10 10:00", "2026-04-10 17:13")), 7*time.Hour + 13*time.Minute, true, 25_000},
		{"exactly 99 % is not below", month("2026-04", 100_000, hit(1, "2026-04-10 10:00", "2026-04-10 17:12")), 7*time.Hour + 12*time.Minute, true, 10_000},
		{"a promise that was kept", lenient, time.Hour, false, 0},
		{"no fee, no credit", free, time.Hour, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := credit.Compute(c.in)
			if err != nil || r.Credit != c.credit || r.Down != c.down.Milliseconds() || r.Below() != c.below {
				t.Errorf("%d for %s, below %t, %v; want %d for %s, %t", r.Credit, time.Duration(r.Down)*time.Millisecond, r.Below(), err, c.credit, c.down, c.below)
			}
		})
	}
}

// Products are computed each by its own fee and incidents; the sum is cut at the cap.
//
// Clauses: FUP-CR-CALC
func TestProductsAndTheCap(t *testing.T) {
	in := month("2026-04", 0)
	in.Fees = []credit.Fee{{Product: "api", Cents: 40_000}, {Product: "dashboards", Cents: 60_000}}
	api, all := hit(1, "2026-04-10 10:00", "2026-04-10 11:00"), hit(2, "2026-04-12 10:00", "2026-04-12 10:20")
	api.Product = "api"
	in.Hits = []credit.Hit{all, api}
	r, err := credit.Compute(in)
	if err != nil || r.Credit != 4_000 || r.Down != (80*time.Minute).Milliseconds() || len(r.Lines) != 2 || r.Lines[0].Credit != 4_000 || r.Lines[1].Below {
		t.Errorf("%+v %v", r, err)
	}
	in.Schedule.Cap = credit.PPM(3)
	r, err = credit.Compute(in)
	if err != nil || r.Credit != 3_000 || !r.Capped || r.Shares[0].Cents != 2_250 || r.Shares[1].Cents != 750 {
		t.Errorf("capped: %+v %v", r, err)
	}
}

func drawn(t *rapid.T) credit.Inputs {
	in := month("2026-04", rapid.Int64Range(0, 10_000_000).Draw(t, "fee"))
	if rapid.Bool().Draw(t, "products") {
		in.Fees = []credit.Fee{{Product: "a", Cents: rapid.Int64Range(0, 1_000_000).Draw(t, "a")}, {Product: "b", Cents: rapid.Int64Range(0, 1_000_000).Draw(t, "b")}}
	}
	in.Degradation = rapid.Bool().Draw(t, "degradation")
	in.Schedule.Cap = rapid.Int64Range(1, credit.Whole).Draw(t, "cap")
	for n := range rapid.IntRange(0, 6).Draw(t, "hits") {
		in.Hits = append(in.Hits, drawnHit(t, ident.ID(n+1)))
	}
	return in
}

func drawnHit(t *rapid.T, id ident.ID) credit.Hit {
	draw := func() credit.Span {
		from := at("2026-03-25 00:00").Add(time.Duration(rapid.IntRange(0, 45*24*60).Draw(t, "from")) * time.Minute)
		return credit.Span{From: from, Until: from.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "length")) * time.Minute)}
	}
	return credit.Hit{
		Incident: id, Number: int64(id), Kind: rapid.SampledFrom(credit.Kinds).Draw(t, "kind"), Product: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "product"),
		Spans: []credit.Span{draw()}, Agreed: []credit.Span{draw()},
	}
}

func compute(t *rapid.T, in credit.Inputs) credit.Result {
	r, err := credit.Compute(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Never more than the cap, never less for more downtime, the same in any order; the
// shares of the incidents add up; and what was kept as JSON computes to the same.
func TestWhatAlwaysHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		r := compute(t, in)
		var fees, shares int64
		for _, f := range in.Fees {
			fees += f.Cents
		}
		for _, s := range r.Shares {
			shares += s.Cents
		}
		if limit := (fees*in.Schedule.Cap + credit.Whole/2) / credit.Whole; r.Credit > limit || r.Credit < 0 {
			t.Fatalf("%d, the cap is %d", r.Credit, limit)
		}
		if shares != r.Credit || r.Down < 0 || r.Down > r.Month {
			t.Fatalf("shares %d of %d, down %d of %d", shares, r.Credit, r.Down, r.Month)
		}
		more := in
		more.Hits = append(append([]credit.Hit{}, in.Hits...), drawnHit(t, 99))
		if m := compute(t, more); m.Credit < r.Credit || m.Down < r.Down {
			t.Fatalf("more downtime gives %d instead of %d", m.Credit, r.Credit)
		}
		mixed := in
		mixed.Hits = append([]credit.Hit{}, in.Hits...)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(mixed.Hits), func(i, j int) { mixed.Hits[i], mixed.Hits[j] = mixed.Hits[j], mixed.Hits[i] })
		body, err := json.Marshal(mixed)
		if err != nil {
			t.Fatal(err)
		}
		var back credit.Inputs
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatal(err)
		}
		a, err := json.Marshal(r)
		b, err2 := json.Marshal(compute(t, back))
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Fatalf("in another order: %s instead of %s", b, a)
		}
	})
}

func TestUnknownFormulaeAndZonesAreRefused(t *testing.T) {
	in := month("2026-04", 1)
	in.Formula = 99
	if _, err := credit.Compute(in); !fault.Is(err, fault.Invalid) {
		t.Errorf("formula: %v", err)
	}
	in = month("2026-04", 1)
	in.Zone = "Atlantis/Main"
	if _, err := credit.Compute(in); !fault.Is(err, fault.Invalid) {
		t.Errorf("zone: %v", err)
	}
	for _, m := range []string{"", "2026", "2026-13", "2026-3", "march", "2026-03-01"} {
		if _, err := credit.ParseMonth(m); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", m, err)
		}
	}
}

// What is read as a month is one, with a beginning before its end, in any zone.
func FuzzParseMonth(f *testing.F) {
	for _, s := range []string{"2026-03", "2028-02", "0000-01", "9999-12", "2026-00", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := credit.ParseMonth(s)
		if err != nil {
			return
		}
		if in := m.In(time.UTC); string(m) != s || !in.From.Before(in.Until) || credit.MonthOf(in.From, time.UTC) != m {
			t.Errorf("%q: %+v", s, in)
		}
	})
}

func TestMoneyIsWritten(t *testing.T) {
	for cents, want := range map[int64][2]string{0: {"0.00 USD", "0.00"}, 5: {"0.05 USD", "0.05"}, 123_456_789: {"1,234,567.89 USD", "1234567.89"}, -100_050: {"-1,000.50 USD", "-1000.50"}} {
		if a, b := credit.Money(cents, "USD"), credit.Decimal(cents); a != want[0] || b != want[1] {
			t.Errorf("%d: %q %q", cents, a, b)
		}
	}
}
