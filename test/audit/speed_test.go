package audit_test

import (
	"testing"

	"allclear/internal/store/storetest"
)

// BenchmarkVerify reads a record that was written in storms, and one of quiet
// minutes, which has a checkpoint for every few entries.
func BenchmarkVerify(b *testing.B) {
	for _, bb := range []struct {
		name           string
		minutes, every int
	}{{"storms", 100, 1000}, {"quiet", 5000, 4}} {
		b.Run(bb.name, func(b *testing.B) {
			w := newWorld(b, storetest.SQLite(b))
			for range bb.minutes {
				w.write(bb.every)
				w.seal()
			}
			n := int64(bb.minutes * bb.every)
			for b.Loop() {
				if r := w.verify(""); r.Sealed != n || r.Problem != "" {
					b.Fatalf("%+v", r)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
