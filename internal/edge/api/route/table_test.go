package route

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// What the mux knows beside the table is refused.
func TestOnlyTheTableAnswers(t *testing.T) {
	table := New(Options{Now: time.Now})
	Register(table, Route{Method: http.MethodGet, Path: "/open", Summary: "x", Tag: "x"}, Public(),
		func(context.Context, Call, *struct{}) (*Reply[string], error) { return One("here"), nil })
	table.mux.HandleFunc("GET "+Prefix+"/backdoor", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	ask := func(h http.Handler, path string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, Prefix+path, nil))
		return w.Code
	}
	if got := ask(table, "/open"); got != http.StatusOK {
		t.Errorf("a registered route: %d", got)
	}
	if got := ask(table, "/backdoor"); got != http.StatusNotFound {
		t.Errorf("a route beside the table: %d", got)
	}
	if got := ask(table.mux, "/open"); got != http.StatusInternalServerError {
		t.Errorf("an operation reached without the gate: %d", got)
	}
}
