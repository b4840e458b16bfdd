package story

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/flow/credit"
	"allclear/internal/plug"
	"allclear/internal/plug/billing"
	"allclear/internal/plug/plugtest"
)

// Credits are the product's service credits.
func (w *World) Credits() *credit.Credits { return w.e.Credits }

// Boss is an administrator without a part in the procedure.
func (w *World) Boss() authz.Actor { return authz.Actor{ID: "boss", Role: authz.Admin, Via: "api"} }

// Billing is a finance system: it checks who sends, books a memo by its key, and
// knows a second one with the same.
type Billing struct {
	mu     sync.Mutex
	keys   [][]byte
	Busy   int // so many calls are refused for now
	Torn   int // so many are booked, and their answers lost
	Picky  bool
	Forged int
	Calls  int
	Booked map[string]map[string]any // by key
}

const billingKey = "whsec_c2Vjb25kLWtleS1zZWNvbmQta2V5LTI0"

// WithBilling sets a finance system up.
func (w *World) WithBilling() *Billing {
	w.Helper()
	keys, err := plug.SigningKeys(secret.String(billingKey))
	w.must(err)
	b := &Billing{keys: keys, Booked: map[string]map[string]any{}}
	srv := httptest.NewServer(b)
	w.Cleanup(srv.Close)
	w.Through("billing", plugtest.Open(w.T, billing.Plugin(), plugtest.Config(map[string]string{"url": srv.URL + "/credits", "secrets": billingKey})))
	return b
}

func (b *Billing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Calls++
	body, err := io.ReadAll(r.Body)
	key := r.Header.Get("Webhook-Id")
	unix, err2 := strconv.ParseInt(r.Header.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || err2 != nil || r.Header.Get("Webhook-Signature") != plug.Sign(b.keys, key, unix, body) || key != r.Header.Get("Idempotency-Key") {
		b.Forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var e struct {
		Type string
		Data map[string]any
	}
	known := b.Booked[key] != nil
	switch {
	case json.Unmarshal(body, &e) != nil || e.Type != "allclear.credit" || e.Data["idempotency_key"] != key || strings.Contains(string(body), "title"):
		w.WriteHeader(http.StatusUnprocessableEntity)
	case b.Picky:
		w.WriteHeader(http.StatusBadRequest)
	case b.Busy > 0:
		b.Busy--
		w.WriteHeader(http.StatusServiceUnavailable)
	case known:
		w.WriteHeader(http.StatusConflict)
	default:
		b.Booked[key] = e.Data
		if b.Torn > 0 {
			b.Torn--
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"reference": "CN-" + strconv.Itoa(len(b.Booked))})
	}
}
