// Package accounttest is a PagerDuty account for tests: the REST API v2 as it is
// documented (token, pages with limit, offset and more, rate limits with
// ratelimit-reset, layers the other way round, rendered schedules), and who is on
// call by its documented rules, reckoned in another way than ours. It must not use
// the code it tests but for the shapes of the wire.
package accounttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/plug/pagerduty/account"
)

// Token is the one the account takes.
const Token = "u+AllclearReadsOnly00"

// Account is a PagerDuty account. Layers stand in the order in which a later one
// wins.
type Account struct {
	account.Account
	InOrder bool // hands layers out in that order too, as PagerDuty has announced
	Limited int  // that many calls are answered with 429 first
	Broken  int  // that many calls are answered with 500 first

	mu    sync.Mutex
	Calls []string
}

// Start serves the account until the test ends and returns its address.
func (a *Account) Start(t testing.TB) string {
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	return srv.URL
}

func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Calls = append(a.Calls, r.URL.Path)
	switch {
	case r.Header.Get("Authorization") != "Token token="+Token:
		refuse(w, http.StatusUnauthorized, 2006, "Authentication failed: "+r.Header.Get("Authorization"))
	case r.Method != http.MethodGet:
		refuse(w, http.StatusMethodNotAllowed, 2000, "this token only reads")
	case a.Limited > 0:
		a.Limited--
		w.Header().Set("Ratelimit-Limit", "960")
		w.Header().Set("Ratelimit-Remaining", "0")
		w.Header().Set("Ratelimit-Reset", "17")
		refuse(w, http.StatusTooManyRequests, 2020, "Rate Limit Exceeded")
	case a.Broken > 0:
		a.Broken--
		refuse(w, http.StatusInternalServerError, 2000, "Internal Server Error")
	default:
		a.serve(w, r)
	}
}

func refuse(w http.ResponseWriter, status, code int, what string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": what, "code": code}})
}

func (a *Account) serve(w http.ResponseWriter, r *http.Request) {
	switch parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); {
	case r.URL.Path == "/users":
		users := a.Users
		if !strings.Contains(strings.Join(r.URL.Query()["include[]"], " "), "contact_methods") {
			users = nil
		}
		page(w, r, "users", users)
	case r.URL.Path == "/teams":
		page(w, r, "teams", a.Teams)
	case len(parts) == 3 && parts[0] == "teams" && parts[2] == "members":
		for _, t := range a.Teams {
			if t.ID == parts[1] {
				page(w, r, "members", t.Members)
			}
		}
	case r.URL.Path == "/schedules":
		var names []account.Reference
		for _, s := range a.Schedules {
			names = append(names, account.Reference{ID: s.ID, Type: "schedule", Summary: s.Name})
		}
		page(w, r, "schedules", names)
	case parts[0] == "schedules" && len(parts) > 1:
		for _, s := range a.Schedules {
			if s.ID == parts[1] {
				a.schedule(w, r, s, len(parts) == 3)
			}
		}
	case r.URL.Path == "/escalation_policies":
		page(w, r, "escalation_policies", a.Policies)
	case r.URL.Path == "/services":
		page(w, r, "services", a.Services)
	default:
		refuse(w, http.StatusNotFound, 2100, "Not Found")
	}
}

// page hands out a part of a collection: 25 unless asked, 100 at most.
func page[T any](w http.ResponseWriter, r *http.Request, field string, all []T) {
	limit, offset := 25, 0
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil {
		limit = min(n, 100)
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("offset")); err == nil {
		offset = min(n, len(all))
	}
	end := min(offset+limit, len(all))
	_ = json.NewEncoder(w).Encode(map[string]any{field: append([]T{}, all[offset:end]...), "limit": limit, "offset": offset, "total": nil, "more": end < len(all)})
}

func (a *Account) schedule(w http.ResponseWriter, r *http.Request, s account.Schedule, overrides bool) {
	since, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	until, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("until"))
	if err != nil || err2 != nil {
		refuse(w, http.StatusBadRequest, 2001, "since and until are required")
		return
	}
	if overrides {
		found := []account.Override{}
		for _, o := range s.Overrides {
			if o.Start.Before(until) && since.Before(o.End) {
				found = append(found, o)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"overrides": found, "limit": 100, "more": false})
		return
	}
	s.Final.Entries = Render(s, since, until)
	if !a.InOrder {
		turned := make([]account.Layer, 0, len(s.Layers))
		for i := len(s.Layers) - 1; i >= 0; i-- {
			turned = append(turned, s.Layers[i])
		}
		s.Layers = turned
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"schedule": s})
}
