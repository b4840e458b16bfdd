package audit_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api"
	"allclear/internal/edge/api/ledger"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
	"allclear/internal/flow/board"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

// reader may read the audit log and has nothing but the interface.
type reader struct {
	t       testing.TB
	api     http.Handler
	session string
}

func (w *world) reader() *reader {
	w.t.Helper()
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	keep := access.New(w.db, jobs.NewBus(), access.Options{Cost: access.Cost{Memory: 64, Passes: 1, Threads: 1}, Box: box})
	who := access.NewAccount{Email: "audrey@example.com", PersonID: auditor.ID, Role: authz.Admin, Password: "correct horse battery"}
	if _, err := keep.Bootstrap(w.t.Context(), w.at, who); err != nil {
		w.t.Fatal(err)
	}
	s, err := keep.SignIn(w.t.Context(), w.at, who.Email, who.Password, "")
	if err != nil {
		w.t.Fatal(err)
	}
	cat := catalog.New(1)
	a := api.New(api.Options{
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.at }, Authn: authn.New(keep, false), Access: keep, Audit: w.a, AuditKey: w.by,
		Board: board.New(w.db, &procedures.Shelf{}, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }),
	})
	return &reader{t: w.t, api: a.Handler(), session: s.Token.Reveal()}
}

func (r *reader) get(path string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, route.Prefix+path, nil)
	req.AddCookie(&http.Cookie{Name: authn.Cookie, Value: r.session})
	rec := httptest.NewRecorder()
	r.api.ServeHTTP(rec, req)
	return rec
}

func ask[T any](r *reader, path string) (v T) {
	r.t.Helper()
	rec := r.get(path)
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil || rec.Code != http.StatusOK {
		r.t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
	}
	return v
}

// An auditor with nothing but the interface finds what was changed, and with a checkpoint that
// was kept also what was cut off.
func TestTamperingIsFoundByTheInterface(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.write(3)
		r := w.reader()
		ids := w.write(4)
		w.seal()
		c := ask[ledger.AuditCheckpoint](r, "/audit/checkpoint")
		kept := "?checkpoint=" + base64.URLEncoding.EncodeToString([]byte(c.Note))
		good := ask[ledger.AuditReport](r, "/audit/verification"+kept)
		if !good.OK || !good.Anchored || good.Sealed != c.Size || good.Position != -1 || !good.SealedAt.Equal(c.SealedAt) {
			t.Errorf("%+v, %+v", good, c)
		}
		if got := ask[ledger.AuditReport](r, "/audit/verification"); !got.OK || got.Anchored {
			t.Errorf("without a checkpoint: %+v", got)
		}
		newest := ask[ledger.AuditPage](r, "/audit?limit=1").Items[0]
		if newest.ID != ids[3].String() || newest.Position != c.Size-1 {
			t.Errorf("%+v", newest)
		}

		w.sql("update events set actor = 'bo' where id = $1", int64(ids[1]))
		bad := ask[ledger.AuditReport](r, "/audit/verification")
		if bad.OK || !strings.Contains(bad.Problem, "was changed") || bad.Entry != ids[1].String() || bad.Position != c.Size-3 || bad.Sealed != bad.Position {
			t.Errorf("changed: %+v", bad)
		}
		w.sql("update events set actor = 'ana' where id = $1", int64(ids[1]))
		if got := ask[ledger.AuditReport](r, "/audit/verification"+kept); got != good {
			t.Errorf("as it was: %+v", got)
		}

		w.sql("delete from audit_leaves")
		w.sql("delete from audit_checkpoints")
		if got := ask[ledger.AuditReport](r, "/audit/verification"+kept); got.OK || !strings.Contains(got.Problem, "cut off") {
			t.Errorf("without its seals: %+v", got)
		}
	})
}

// slow is a key that takes its time.
type slow struct {
	note.Verifier
	begun, end chan struct{}
}

func (s slow) Verify(msg, sig []byte) bool {
	s.begun <- struct{}{}
	<-s.end
	return s.Verifier.Verify(msg, sig)
}

// One verification reads everything there is; a crowd of them would take the
// database from those who work.
func TestOneVerificationAtATime(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.write(3)
	w.seal()
	s := slow{w.by, make(chan struct{}), make(chan struct{})}
	w.by = s
	r := w.reader()
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- r.get("/audit/verification") }()
	<-s.begun
	second := r.get("/audit/verification")
	if wait, err := strconv.Atoi(second.Header().Get("Retry-After")); second.Code != http.StatusTooManyRequests || err != nil || wait < 1 {
		t.Errorf("%d %v %s", second.Code, second.Header(), second.Body)
	}
	close(s.end)
	if got := <-first; got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"ok":true`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	go func() { <-s.begun }()
	if third := r.get("/audit/verification"); third.Code != http.StatusOK {
		t.Errorf("%d %s", third.Code, third.Body)
	}
}

// A verification ends with the time it has, and says so.
func TestVerificationIsBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.write(3)
		w.seal()
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if r, err := w.a.Verify(ctx, auditor, w.by, nil); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%+v, %v", r, err)
		}
		if r := w.verify(""); r.Problem != "" || r.Sealed != 3 {
			t.Errorf("%+v", r)
		}
	})
}
