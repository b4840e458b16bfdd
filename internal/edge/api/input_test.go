package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
	"allclear/internal/store/storetest"
)

// INV-I6: bad input is a clear 4xx, never a 500, and changes nothing.
func TestBadInput(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin := bearer(w.tokens[authz.Admin])
		before := storetest.Dump(t, w.db)
		good := `{"email":"x@example.com","role":"responder","password":"` + pass + `"`
		for name, tt := range map[string]struct {
			method, path, body string
			want               int
			where              string // in errors[].location, or in detail
		}{
			"unknown field":            {"POST", "/accounts", good + `,"extra":1}`, 422, "body.extra"},
			"same name twice":          {"POST", "/accounts", good + `,"email":"y@example.com"}`, 400, `"email" is given twice`},
			"same name in other case":  {"POST", "/accounts", good + `,"ROLE":"admin"}`, 400, `"ROLE" is given twice`},
			"same name, escaped":       {"POST", "/accounts", good + `,"r\u006fle":"admin"}`, 400, "given twice"},
			"cut off":                  {"POST", "/accounts", good, 400, "body"},
			"two documents":            {"POST", "/accounts", good + `}{}`, 400, "body"},
			"no document":              {"POST", "/accounts", "", 400, "body is required"},
			"null":                     {"POST", "/accounts", "null", 422, "body"},
			"a list":                   {"POST", "/accounts", "[]", 422, "body"},
			"wrong type":               {"POST", "/accounts", `{"email":1,"role":"responder","password":"` + pass + `"}`, 422, "body.email"},
			"outside the enumeration":  {"POST", "/accounts", strings.Replace(good, "responder", "system", 1) + "}", 422, "body.role"},
			"missing field":            {"POST", "/accounts", `{"email":"x@example.com"}`, 422, "role"},
			"NUL in text":              {"POST", "/accounts", good + `,"person_id":"a\u0000b"}`, 400, "NUL"},
			"not UTF-8":                {"POST", "/accounts", good + `,"person_id":"` + "\xff\xfe" + `"}`, 400, "UTF-8"},
			"deep":                     {"POST", "/accounts", strings.Repeat("[", 5000), 400, "nests"},
			"a name in another case":   {"POST", "/accounts", strings.Replace(good, `"email"`, `"Email"`, 1) + "}", 422, "body.Email"},
			"unknown query":            {"GET", "/accounts?admin=true", "", 422, "query.admin"},
			"query twice":              {"GET", "/accounts?limit=1&limit=2", "", 422, "query.limit"},
			"broken query":             {"GET", "/accounts?limit=%zz", "", 422, "well-formed"},
			"semicolon":                {"GET", "/accounts?limit=1;limit=2", "", 422, "well-formed"},
			"NUL in query":             {"GET", "/accounts?cursor=%00", "", 422, "plain"},
			"limit 0":                  {"GET", "/accounts?limit=0", "", 422, "query.limit"},
			"limit 501":                {"GET", "/accounts?limit=501", "", 422, "query.limit"},
			"limit of letters":         {"GET", "/accounts?limit=all", "", 422, "query.limit"},
			"limit that overflows":     {"GET", "/accounts?limit=99999999999999999999", "", 422, "query.limit"},
			"no cursor of ours":        {"GET", "/accounts?cursor=hello", "", 422, "query.cursor"},
			"id that is none":          {"GET", "/accounts/..%2f..%2fetc", "", 404, ""},
			"NUL in path":              {"GET", "/accounts/%00", "", 404, ""},
			"path not UTF-8":           {"GET", "/accounts/%ff", "", 404, ""},
			"unknown path":             {"GET", "/nothing", "", 404, "no such path"},
			"method without a meaning": {"PUT", "/accounts", "{}", 405, "GET, HEAD, POST"},
		} {
			g := w.do(tt.method, route.Prefix+tt.path, tt.body, admin).status(tt.want, name)
			if !strings.Contains(strings.ReplaceAll(g.Body.String(), `\"`, `"`), tt.where) {
				t.Errorf("%s: the answer does not say %q: %s", name, tt.where, clip2(g.Body.String()))
			}
			if strings.Contains(g.Body.String(), pass) {
				t.Errorf("%s: the answer repeats the password", name)
			}
		}
		if storetest.Dump(t, w.db) != before {
			t.Error("bad input changed the database")
		}
		if strings.Contains(w.log.String(), pass) {
			t.Error("the log has the password")
		}
	})
}

// Text that is legal and strange is stored and comes back.
func TestStrangeText(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i, person := range []string{`\ud800`, `' or 1=1 --`, `\u202e\ufeff`, `{\"a\":1}`, "\U0001F525"} {
			body := fmt.Sprintf(`{"email":"x%d@example.com","role":"responder","password":"%s","person_id":"%s"}`, i, pass, person)
			g := w.do("POST", route.Prefix+"/accounts", body, bearer(w.tokens[authz.Admin])).status(http.StatusCreated, person)
			var want string
			if err := json.Unmarshal([]byte(`"`+person+`"`), &want); err != nil {
				t.Fatal(err)
			}
			if got := decode[Account](g); got.PersonID != strings.TrimSpace(want) {
				t.Errorf("%q came back as %q", want, got.PersonID)
			}
		}
	})
}

func TestLargeBodies(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	_, plain, err := w.access.CreateToken(t.Context(), w.now, w.who(authz.Admin), access.NewToken{Name: "runner", Role: authz.Runner})
	if err != nil {
		t.Fatal(err)
	}
	w.tokens[authz.Runner] = plain.Reveal()
	large := `{"email":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, e := range w.api.table.Entries() {
		if e.Method == http.MethodGet || e.Method == http.MethodDelete || e.Upload { // files have a bound of their own
			continue
		}
		role := authz.Admin
		if e.Policy.Admits(authz.Actor{ID: "admin", Role: role}) != nil {
			role = authz.Runner // the one whose work an administrator does not do
		}
		large := `{"email":"` + strings.Repeat("x", int(max(e.Body, route.MaxBody))) + `"}`
		w.do(e.Method, pathOf(e), large, bearer(w.tokens[role])).status(http.StatusRequestEntityTooLarge, e.Pattern)
		// Without a length, too.
		w.do(e.Method, pathOf(e), large, bearer(w.tokens[role]), func(r *http.Request) { r.ContentLength = -1 }).
			status(http.StatusRequestEntityTooLarge, e.Pattern+" in chunks")
	}
	within := `{"email":"` + strings.Repeat("x", route.MaxBody-12) + `"}`
	w.do("POST", route.Prefix+"/session", within).status(http.StatusUnprocessableEntity, "exactly the limit")
	// Who may not call is told so before the body counts.
	w.do("POST", route.Prefix+"/accounts", large).status(http.StatusUnauthorized, "anonymous")
	w.do("POST", route.Prefix+"/accounts", large, bearer(w.tokens[authz.Auditor])).status(http.StatusForbidden, "an auditor")
}

func TestBodyThatBreaksOff(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	r := httptest.NewRequestWithContext(t.Context(), "POST", route.Prefix+"/tokens", io.MultiReader(strings.NewReader(`{"na`), broken{}))
	r.Header.Set("Authorization", "Bearer "+w.tokens[authz.Admin])
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	got{rec, t}.status(http.StatusUnprocessableEntity, "cut")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// What wire.Strict lets through, encoding/json reads, and no object in it has a
// name twice.
func FuzzStrictJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"A":2}`, `{"a":{"a":[{"a":1},{"a":2}]}}`, `[1,"x",null,true]`, `{"a":"b","b":"a"}`, `{"\u0061":1,"a":2}`, `"\u0000"`, `[[[`, `{"a":1}{`, "\xff"} {
		f.Add([]byte(s))
	}
	format := wire.Strict()
	f.Fuzz(func(t *testing.T, data []byte) {
		var v, plain any
		err := format.Unmarshal(data, &v)
		plainErr := json.Unmarshal(data, &plain)
		if err == nil && plainErr != nil {
			t.Fatalf("let through what is no JSON: %v", plainErr)
		}
		if err != nil || plainErr != nil {
			return
		}
		if !utf8.Valid(data) {
			t.Fatal("let through what is not UTF-8")
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(again), `\u0000`) && !strings.Contains(string(again), `\\u0000`) {
			t.Fatalf("let through a NUL: %q", data)
		}
		// Every name that is written arrives: none was swallowed by a twin.
		if w, g := colons(data), names(v); w != g {
			t.Fatalf("%d names written, %d arrived: %q", w, g, data)
		}
	})
}

// colons counts names as written: a colon outside of a string.
func colons(data []byte) (n int) {
	quoted, escaped := false, false
	for _, c := range data {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			n++
		}
	}
	return n
}

func names(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		n = len(v)
		for _, e := range v {
			n += names(e)
		}
	case []any:
		for _, e := range v {
			n += names(e)
		}
	}
	return n
}
