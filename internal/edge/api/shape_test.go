package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/store/storetest"
)

// Pages follow each other without gap or repetition, also while rows are added.
func TestPaging(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin := bearer(w.tokens[authz.Admin])
		for i := range 7 {
			w.do("POST", route.Prefix+"/tokens", fmt.Sprintf(`{"name":"m%d","machine":true,"role":"auditor"}`, i), admin).status(http.StatusCreated, "token")
		}
		var names []string
		cursor, pages := "", 0
		for {
			page := decode[route.List[Token]](w.do("GET", route.Prefix+"/tokens?limit=3&cursor="+cursor, "", admin).status(http.StatusOK, "page"))
			for _, tok := range page.Items {
				names = append(names, tok.Name)
			}
			if pages++; pages == 1 {
				w.do("POST", route.Prefix+"/tokens", `{"name":"late","machine":true,"role":"auditor"}`, admin)
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		if got := strings.Join(names, " "); got != "t t t t m0 m1 m2 m3 m4 m5 m6 late" || pages != 4 {
			t.Errorf("%d pages: %s", pages, got)
		}
		empty := w.do("GET", route.Prefix+"/integration-keys", "", admin).status(http.StatusOK, "nothing")
		if strings.TrimSpace(empty.Body.String()) != `{"items":[],"next_cursor":""}` {
			t.Errorf("an empty list is %s", empty.Body)
		}
	})
}

func TestIfMatch(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin := bearer(w.tokens[authz.Admin])
		path := route.Prefix + "/accounts/" + w.accounts[authz.Responder].ID.String()
		tag := w.do("GET", path, "", admin).status(http.StatusOK, "read").Header().Get("ETag")
		if len(tag) < 10 || tag[0] != '"' {
			t.Fatalf("ETag is %q", tag)
		}
		if same := w.do("GET", path, "", admin, header("If-None-Match", tag)).status(http.StatusNotModified, "nothing new"); same.Body.Len() != 0 || same.Header().Get("ETag") != tag {
			t.Errorf("not modified: %q, %v", same.Body, same.Header())
		}
		w.do("GET", path, "", admin, header("If-None-Match", `"stale"`)).status(http.StatusOK, "something new")
		w.do("GET", path, "", header("If-None-Match", "*")).status(http.StatusUnauthorized, "nobody")
		w.do("PATCH", path, `{"role":"auditor"}`, admin, header("If-Match", `"stale", `+tag)).status(http.StatusOK, "unchanged since")
		p := w.do("PATCH", path, `{"role":"admin"}`, admin, header("If-Match", tag)).status(http.StatusPreconditionFailed, "changed since").problem("changed since")
		if p.Code != "changed" {
			t.Errorf("code is %q", p.Code)
		}
		if got := decode[Account](w.do("GET", path, "", admin)); got.Role != authz.Auditor {
			t.Errorf("role is %s", got.Role)
		}
		w.do("PATCH", path, `{"role":"stakeholder"}`, admin).status(http.StatusOK, "without a condition")
		w.do("PATCH", path, `{}`, admin, header("If-Match", "*")).status(http.StatusOK, "whatever it is")
	})
}

// A repeated POST answers byte for byte alike and does nothing again.
func TestIdempotencyKey(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, key := bearer(w.tokens[authz.Admin]), header(route.IdempotencyHeader, "k1")
		body := `{"email":"x@example.com","role":"responder","password":"` + pass + `"}`
		first := w.do("POST", route.Prefix+"/accounts", body, admin, key).status(http.StatusCreated, "first")
		before := storetest.Dump(t, w.db)
		w.now = w.now.Add(time.Hour)
		again := w.do("POST", route.Prefix+"/accounts", body, admin, key).status(http.StatusCreated, "again")
		if again.Body.String() != first.Body.String() || again.Header().Get("ETag") != first.Header().Get("ETag") || again.Header().Get("Content-Type") != first.Header().Get("Content-Type") {
			t.Errorf("first %s, again %s", first.Body, again.Body)
		}
		if again.Header().Get(route.ReplayedHeader) != "true" || first.Header().Get(route.ReplayedHeader) != "" {
			t.Error("a repeated answer does not say so")
		}
		other := strings.Replace(body, "x@", "y@", 1)
		w.do("POST", route.Prefix+"/accounts", other, admin, key).status(http.StatusUnprocessableEntity, "another body")
		w.do("POST", route.Prefix+"/accounts", body, admin, header(route.IdempotencyHeader, strings.Repeat("k", 256))).status(http.StatusUnprocessableEntity, "a long key")
		if storetest.Dump(t, w.db) != before {
			t.Error("a repeated request changed the database")
		}
		// A refusal is repeated, too.
		for range 2 {
			w.do("POST", route.Prefix+"/accounts", body, admin, header(route.IdempotencyHeader, "k2")).status(http.StatusConflict, "a refusal")
		}
		// Another caller's key is another key.
		w.do("POST", route.Prefix+"/accounts", other, cookie(w.sessions[authz.Admin]), key).status(http.StatusCreated, "another caller")
	})
}

// INV-A5: a kept answer holds no secret.
func TestSecretsAreNotKept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, key := bearer(w.tokens[authz.Admin]), header(route.IdempotencyHeader, "k")
		for path, body := range map[string]string{
			"/tokens":           `{"name":"m","machine":true,"role":"auditor"}`,
			"/integration-keys": `{"kind":"events","service":"api"}`,
		} {
			g := w.do("POST", route.Prefix+path, body, admin, header(route.IdempotencyHeader, path)).status(http.StatusCreated, path)
			shown := decode[map[string]any](g)
			plain, _ := shown["secret"].(string)
			if value, ok := shown["value"].(string); ok {
				plain = value
			}
			if len(plain) < 32 || strings.Contains(storetest.Dump(t, w.db), plain) || strings.Contains(w.log.String(), plain) {
				t.Errorf("%s: the secret %.4s... is stored or logged", path, plain)
			}
			w.do("POST", route.Prefix+path, body, admin, header(route.IdempotencyHeader, path)).status(http.StatusConflict, path+" again")
		}
		// Signing in is never kept.
		in := `{"email":"admin@example.com","password":"` + pass + `"}`
		a, b := w.do("POST", route.Prefix+"/session", in, key), w.do("POST", route.Prefix+"/session", in, key)
		if a.Header().Get("Set-Cookie") == b.Header().Get("Set-Cookie") || b.Code != http.StatusOK {
			t.Error("a sign-in was repeated")
		}
	})
}

// Many at once with one key: one is carried out, the others are told to come
// back or get its answer.
func TestIdempotencyKeyInParallel(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		codes := make(chan int, 8)
		for range cap(codes) {
			wg.Go(func() {
				g := w.do("POST", route.Prefix+"/tokens", `{"name":"m","role":"admin"}`, cookie(w.sessions[authz.Admin]), header(route.IdempotencyHeader, "k"))
				codes <- g.Code
			})
		}
		wg.Wait()
		close(codes)
		count := map[int]int{}
		for c := range codes {
			count[c]++
		}
		list := decode[route.List[Token]](w.do("GET", route.Prefix+"/tokens?limit=500", "", bearer(w.tokens[authz.Admin])))
		if count[http.StatusCreated] != 1 || count[http.StatusConflict] != 7 || len(list.Items) != len(authz.Roles)+1 {
			t.Errorf("answers %v, %d tokens", count, len(list.Items))
		}
	})
}

// A handler that breaks leaves the key free, and its error stays inside.
func TestFailuresAreNotKeptNorShown(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	calls := 0
	route.Register(w.api.table, route.Route{Method: "POST", Path: "/breaks", Summary: "x", Tag: "x"}, route.SignedIn(),
		func(context.Context, route.Call, *struct{}) (*route.Reply[string], error) {
			if calls++; calls == 2 {
				panic("canary panic")
			}
			return nil, fmt.Errorf("read row: %w", errors.New("canary: select * from accounts"))
		})
	for _, name := range []string{"an error", "a panic", "an error again"} {
		g := w.do("POST", route.Prefix+"/breaks", "", bearer(w.tokens[authz.Admin]), header(route.IdempotencyHeader, "k")).status(http.StatusInternalServerError, name)
		if p := g.problem(name); strings.Contains(g.Body.String(), "canary") || p.Code != "internal" || !strings.Contains(w.log.String(), p.Request) {
			t.Errorf("%s: %s", name, g.Body)
		}
	}
	if calls != 3 || strings.Count(w.log.String(), "canary") < 3 {
		t.Errorf("%d calls; log:\n%s", calls, w.log.String())
	}
}

func TestKindsOfFault(t *testing.T) {
	for kind := fault.Internal; kind.String() != "internal" || kind == fault.Internal; kind++ {
		if p := wire.ProblemOf(t.Context(), nil, fault.New(kind, "x")); p.Status < 400 || p.Title == "" || p.Code == "" {
			t.Errorf("%v has no status: %+v", kind, p)
		}
	}
	p := wire.ProblemOf(t.Context(), nil, fmt.Errorf("resolve: %w", fault.New(fault.Conflict, "gates are open").With("status_page", "no post yet").With("journeys", "not checked")))
	if p.Status != 409 || p.Detail != "gates are open" || len(p.Errors) != 2 || p.Errors[0] != (wire.Wrong{Location: "status_page", Message: "no post yet"}) {
		t.Errorf("%+v", p)
	}
	p = wire.ProblemOf(t.Context(), nil, fault.Wrap(fault.Conflict, errors.New("canary"), "already there"))
	if p.Detail != "already there" {
		t.Errorf("a cause was shown: %+v", p)
	}
	p = wire.ProblemOf(t.Context(), nil, fault.Wrap(fault.Invalid, errors.New("line 3: expected a name"), "read schedule"))
	if p.Detail != "read schedule: line 3: expected a name" {
		t.Errorf("the caller's own mistake was hidden: %+v", p)
	}
	if p = wire.ProblemOf(t.Context(), nil, context.DeadlineExceeded); p.Status != 503 || p.GetHeaders().Get("Retry-After") != "5" {
		t.Errorf("%+v %v", p, p.GetHeaders())
	}
}

func TestIncidentNumbers(t *testing.T) {
	for in, want := range map[string]int64{
		"42": 42, "INC-42": 42, "inc-42": 42, "1": 1, "9223372036854775807": 9223372036854775807,
		"": 0, "0": 0, "-1": 0, "INC-": 0, "INC-0": 0, "042": 0, "INC-INC-4": 0, "4.2": 0, "+4": 0, " 4": 0, "9223372036854775808": 0, "INC 4": 0, "٤": 0,
	} {
		n, err := route.IncidentPath{Ref: in}.Number()
		if n != want || (err == nil) != (want > 0) || (err != nil && !fault.Is(err, fault.NotFound)) {
			t.Errorf("%q is %d, %v, want %d", in, n, err, want)
		}
	}
}

// Whatever is given as cursor is a position or refused; nothing else.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "x", route.ToCursor(ident.ID(5)), route.ToCursor("a"), route.ToCursor(map[string]int{"a": 1}), "AAAA", "=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var id ident.ID
		given, err := route.FromCursor(s, &id)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Fatalf("%q: %v", s, err)
		case err == nil && given != (s != ""):
			t.Fatalf("%q: given %v", s, given)
		case err == nil && id < 0:
			t.Fatalf("%q is %d", s, id)
		}
	})
}
