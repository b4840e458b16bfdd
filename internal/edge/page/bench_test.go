package page

import (
	"net/http"
	"testing"
	"time"
)

// discard is a response that goes nowhere, so that only the handler is
// measured.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

func serveBench(b *testing.B, h http.Handler) {
	r, _ := http.NewRequest(http.MethodGet, "/", nil) // a constant address parses
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := discard{http.Header{}}
		for pb.Next() {
			clear(w.h)
			h.ServeHTTP(w, r)
		}
	})
}

func BenchmarkServe(b *testing.B) { serveBench(b, handler(sample())) }

// BenchmarkServeFromMemory is the yardstick: net/http with fixed bytes.
func BenchmarkServeFromMemory(b *testing.B) {
	body := get(b, handler(sample()), "/").Body.Bytes()
	serveBench(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	}))
}

// BenchmarkDraw is a changed snapshot with 200 past incidents.
func BenchmarkDraw(b *testing.B) {
	d := newDrawer(Options{})
	old := d.empty()
	s := many(sample(), 200)
	for n := range b.N {
		c := *s
		c.GeneratedAt = s.GeneratedAt.Add(time.Duration(n) * time.Minute)
		next, err := d.draw(&c, old)
		if err != nil {
			b.Fatal(err)
		}
		old = next
	}
}
