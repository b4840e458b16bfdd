package api

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/access"
	"allclear/internal/store/storetest"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// nobody's id: well-formed and not there.
var absent = ident.ID(1 << 40).String()

func pathOf(e *route.Entry) string {
	return route.Prefix + placeholder.ReplaceAllString(e.Path, absent)
}

// INV-A1: every route, from the live table, refuses every credential that is
// not valid, in the same words, before it looks at anything else.
func TestSweepInvalidCredentials(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		dead := w.deadCredentials()
		for _, e := range w.api.table.Entries() {
			if e.Policy.Open() {
				continue
			}
			for name, c := range dead {
				for _, body := range []string{"", "{}", `{"a":`} {
					g := w.do(e.Method, pathOf(e), body, c...).status(http.StatusUnauthorized, e.Pattern+" as "+name)
					if g.Header().Get("WWW-Authenticate") == "" {
						t.Errorf("%s as %s: no WWW-Authenticate", e.Pattern, name)
					}
				}
			}
		}
	})
}

// deadCredentials returns everything that must not let in. The valid session
// beside a wrong Authorization header must not count either.
func (w *world) deadCredentials() map[string][]credential {
	w.t.Helper()
	ctx := w.t.Context()
	root := w.who(authz.Admin)
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	make := func(name string) access.Account {
		acc, err := w.access.CreateAccount(ctx, w.now, root, access.NewAccount{Email: name + "@example.com", Role: authz.Admin, Password: pass})
		must(err)
		return acc
	}
	token := func(in access.NewToken) (access.Token, string) {
		t, plain, err := w.access.CreateToken(ctx, w.now, root, in)
		must(err)
		return t, plain.Reveal()
	}
	out := map[string][]credential{
		"nobody":             {anonymous},
		"garbage bearer":     {bearer("acl_nonsense")},
		"garbage session":    {cookie(strings.Repeat("A", 43))},
		"empty bearer":       {header("Authorization", "Bearer ")},
		"basic":              {header("Authorization", "Basic YWRtaW46YWRtaW4=")},
		"two sessions":       {cookie(w.sessions[authz.Admin]), cookie(w.sessions[authz.Admin])},
		"session as bearer":  {bearer(w.sessions[authz.Admin])},
		"token as session":   {cookie(w.tokens[authz.Admin])},
		"bearer and session": {cookie(w.sessions[authz.Admin]), bearer("acl_nonsense")},
	}
	disabled := make("disabled")
	session := w.signIn(disabled.Email)
	_, plain := token(access.NewToken{Name: "d", Account: disabled.ID, Role: authz.Admin})
	must(w.access.DisableAccount(ctx, w.now, root, disabled.ID))
	out["disabled session"], out["disabled token"] = []credential{cookie(session)}, []credential{bearer(plain)}

	demoted := make("demoted")
	_, plain = token(access.NewToken{Name: "n", Account: demoted.ID, Role: authz.Admin})
	role := authz.Auditor
	_, err := w.access.ChangeAccount(ctx, w.now, root, demoted.ID, access.Change{Role: &role}, nil)
	must(err)
	out["token wider than its owner"] = []credential{bearer(plain)}

	revoked, plain := token(access.NewToken{Name: "revoked", Role: authz.Admin})
	must(w.access.RevokeToken(ctx, w.now, root, revoked.ID))
	out["revoked token"] = []credential{bearer(plain)}

	_, plain = token(access.NewToken{Name: "expired", Role: authz.Admin, Expires: w.now.Add(time.Minute)})
	out["expired token"] = []credential{bearer(plain)}

	ended := w.signIn("admin@example.com")
	who, err := w.access.BySession(ctx, w.now, ended)
	must(err)
	must(w.access.SignOut(ctx, w.now, who))
	out["signed out"] = []credential{cookie(ended)}

	_, key, err := w.access.CreateKey(ctx, w.now, root, access.NewKey{Kind: access.KeyEvents, ServiceID: "api"})
	must(err)
	out["integration key"] = []credential{bearer(key.Reveal())}
	w.now = w.now.Add(2 * time.Minute)
	return out
}

// Every route with every role: what the policy refuses is 403, what it allows
// is neither 401 nor a failure, and an id that nobody has is 404 or bad input,
// never a success.
func TestSweepRoles(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, e := range w.api.table.Entries() {
			if e.Policy.Open() || e.Path == "/session" {
				continue
			}
			for _, role := range authz.Roles {
				for _, c := range []credential{bearer(w.tokens[role]), cookie(w.sessions[role])} {
					g := w.do(e.Method, pathOf(e), "", c)
					what := e.Pattern + " as " + string(role)
					allowed := e.Policy.Admits(authz.Actor{ID: string(role), Role: role}) == nil
					switch {
					case !allowed:
						g.status(http.StatusForbidden, what)
					case g.Code == http.StatusUnauthorized || g.Code >= 500:
						t.Errorf("%s: %d %s", what, g.Code, clip2(g.Body.String()))
					case strings.Contains(e.Path, "{") && g.Code < 400:
						t.Errorf("%s: %d for an id that nobody has", what, g.Code)
					}
				}
			}
		}
	})
}

// INV-A3: what is another's answers exactly like what is not there, on every
// route that takes an id, whoever may call it.
func TestSweepForeignIDs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		foreign := w.foreignIDs()
		for _, e := range w.api.table.Entries() {
			theirs := foreign[e.Tag]
			if theirs == "" || strings.Count(e.Path, "{") != 1 {
				continue
			}
			body := map[string]string{"POST /api/v1/accounts/{id}/password": `{"password":"another long password"}`}[e.Pattern]
			for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
				missing := w.do(e.Method, pathOf(e), body, bearer(w.tokens[role]))
				found := w.do(e.Method, strings.ReplaceAll(pathOf(e), absent, theirs), body, bearer(w.tokens[role]))
				if missing.Code < 400 || missing.Code != found.Code || bare(missing, absent) != bare(found, theirs) {
					t.Errorf("%s as %s: missing %d %s, foreign %d %s", e.Pattern, role, missing.Code, clip2(missing.Body.String()), found.Code, clip2(found.Body.String()))
				}
			}
		}
	})
}

// foreignIDs names, by tag, a thing that belongs to the administrator.
func (w *world) foreignIDs() map[string]string {
	w.t.Helper()
	root := w.who(authz.Admin)
	toks, err := w.access.ListTokens(w.t.Context(), root, 0, 1)
	if err != nil || len(toks) != 1 || toks[0].Account != root.Account {
		w.t.Fatalf("the administrator's token: %v, %v", toks, err)
	}
	k, _, err := w.access.CreateKey(w.t.Context(), w.now, root, access.NewKey{Kind: access.KeyEvents, ServiceID: "api"})
	if err != nil {
		w.t.Fatal(err)
	}
	return map[string]string{"accounts": root.Account.String(), "tokens": toks[0].ID.String(), "integration keys": k.ID.String()}
}

var requestID = regexp.MustCompile(`"request":"[^"]*"`)

// bare takes out of an answer what differs between any two requests.
func bare(g got, id string) string {
	return requestID.ReplaceAllString(strings.ReplaceAll(g.Body.String(), id, "ID"), "")
}

// GET, HEAD and OPTIONS change nothing, on any route, for anybody.
func TestSafeMethodsChangeNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := storetest.Dump(t, w.db)
		calls := 0
		for _, e := range w.api.table.Entries() {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
				for _, role := range authz.Roles {
					w.do(method, pathOf(e), "", bearer(w.tokens[role]))
					w.do(method, pathOf(e)+"?limit=1", "", cookie(w.sessions[role]))
					calls += 2
				}
			}
		}
		if calls < 100 {
			t.Fatalf("only %d calls were made", calls)
		}
		if storetest.Dump(t, w.db) != before {
			t.Error("a safe method changed the database")
		}
	})
}

// A page of another site changes nothing with the reader's cookie, on any
// route, and neither does a form.
func TestCrossSiteMatrix(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		evil := map[string][]credential{
			"cross-site":        {header("Sec-Fetch-Site", "cross-site")},
			"same-site":         {header("Sec-Fetch-Site", "same-site")},
			"other origin":      {header("Origin", "https://evil.example")},
			"null origin":       {header("Origin", "null")},
			"look-alike origin": {header("Origin", "http://example.com.evil.example")},
			"other port":        {header("Origin", "http://example.com:8443")},
			"cross-site form":   {header("Sec-Fetch-Site", "cross-site"), header("Content-Type", "application/x-www-form-urlencoded")},
		}
		before := storetest.Dump(t, w.db)
		for _, e := range w.api.table.Entries() {
			if e.Method == http.MethodGet {
				continue
			}
			for name, headers := range evil {
				for _, body := range []string{"", "{}", `{"email":"admin@example.com","password":"` + pass + `"}`} {
					g := w.do(e.Method, pathOf(e), body, append(headers, cookie(w.sessions[authz.Admin]))...)
					g.status(http.StatusForbidden, e.Pattern+" from "+name)
					if p := g.problem(name); p.Code != "cross_site" || g.Header().Get("Set-Cookie") != "" {
						t.Errorf("%s from %s: %+v", e.Pattern, name, p)
					}
				}
			}
		}
		if storetest.Dump(t, w.db) != before {
			t.Error("a cross-site request changed the database")
		}
		for name, c := range map[string]credential{
			"same origin": header("Sec-Fetch-Site", "same-origin"), "typed": header("Sec-Fetch-Site", "none"),
			"own origin": header("Origin", "http://example.com"), "no browser": anonymous,
		} {
			body := `{"name":"` + strings.ReplaceAll(name, " ", "-") + `"}`
			w.do(http.MethodPost, route.Prefix+"/tokens", body, c, cookie(w.sessions[authz.Admin])).status(http.StatusCreated, name)
		}
		// A form of this origin is no JSON either.
		w.do(http.MethodPost, route.Prefix+"/tokens", "name=x", cookie(w.sessions[authz.Admin]), header("Content-Type", "application/x-www-form-urlencoded")).
			status(http.StatusUnsupportedMediaType, "a form")
	})
}

// A route without a policy does not start.
func TestRouteWithoutPolicyPanics(t *testing.T) {
	for name, declare := range map[string]func(a *API){
		"no policy": func(a *API) {
			route.Register(a.table, route.Route{Method: "GET", Path: "/x", Summary: "x", Tag: "x"}, route.Policy{}, nothing[struct{}])
		},
		"no summary": func(a *API) {
			route.Register(a.table, route.Route{Method: "GET", Path: "/x", Tag: "x"}, route.Public(), nothing[struct{}])
		},
		"path without a field": func(a *API) {
			route.Register(a.table, route.Route{Method: "GET", Path: "/x/{id}", Summary: "x", Tag: "x"}, route.Public(), nothing[route.Page])
		},
		"field without a path": func(a *API) {
			route.Register(a.table, route.Route{Method: "GET", Path: "/x", Summary: "x", Tag: "x"}, route.Public(), nothing[AccountPath])
		},
		"hidden embedding": func(a *API) {
			type hidden struct{ route.Page }
			route.Register(a.table, route.Route{Method: "GET", Path: "/x", Summary: "x", Tag: "x"}, route.Public(), nothing[struct{ hidden }])
		},
		"twice": func(a *API) {
			route.Register(a.table, route.Route{Method: "GET", Path: "/session", Summary: "x", Tag: "x"}, route.Public(), nothing[struct{}])
		},
	} {
		func() {
			a := New(Options{})
			defer func() {
				if recover() == nil {
					t.Errorf("%s: registered", name)
				}
			}()
			declare(a)
		}()
	}
}

func nothing[I any](context.Context, route.Call, *I) (*struct{}, error) { return nil, nil }
