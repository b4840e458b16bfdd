package inbound

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"allclear/internal/store/storetest"
)

// BenchmarkEnqueue is the whole way of an event without the network: a
// thousand keys on one service, durable before each answer.
func BenchmarkEnqueue(b *testing.B) {
	w := newWorld(b, storetest.SQLite(b))
	var n atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := event("trigger", fmt.Sprint("key-", n.Add(1)%1000), "critical")
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, enqueue, strings.NewReader(body))
			rec := httptest.NewRecorder()
			w.mux.ServeHTTP(rec, r)
			if rec.Code != http.StatusAccepted {
				b.Errorf("got %d %s", rec.Code, rec.Body)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
