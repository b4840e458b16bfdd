package page

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/domain/status"
)

// TestReadersDuringPublishing reads while snapshots change and grow stale:
// every answer is whole.
func TestReadersDuringPublishing(t *testing.T) {
	var p atomic.Pointer[status.Snapshot]
	var clock atomic.Int64
	p.Store(sample())
	h := New(Options{Source: p.Load, Now: func() time.Time { return now.Add(time.Duration(clock.Load()) * time.Second) }})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
				if w.Code != 200 || w.Header().Get("Content-Length") == "" || w.Body.Len() < 5000 {
					t.Errorf("GET / = %d with %d bytes", w.Code, w.Body.Len())
				}
			}
		})
	}
	for n := range 20 {
		next := *p.Load()
		next.GeneratedAt = now.Add(time.Duration(n) * time.Minute)
		clock.Store(int64(n) * 45)
		p.Store(&next)
		if err := h.Tick(now); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}
