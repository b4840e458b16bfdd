package inapp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/inapp"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func sign(head, claims, key string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func keys(id string) []byte {
	return map[string][]byte{"k1": []byte("secret one"), "k2": []byte("secret two")}[id]
}

const head = `{"alg":"HS256","typ":"JWT","kid":"k1"}`

func claims(more string) string {
	return fmt.Sprintf(`{"tenant":"acme","sub":"u1","exp":%d%s}`, now.Add(time.Hour).Unix(), more)
}

// A token speaks for the tenant and user it was signed for, under any key that
// counts, until its end.
//
// Clauses: INT-INAPP
func TestTokens(t *testing.T) {
	for name, token := range map[string]string{
		"plain":          sign(head, claims(""), "secret one"),
		"the next key":   sign(strings.Replace(head, "k1", "k2", 1), claims(""), "secret two"),
		"with times":     sign(head, claims(fmt.Sprintf(`,"iat":%d,"nbf":%d`, now.Unix(), now.Unix()-5)), "secret one"),
		"with a fracton": sign(head, fmt.Sprintf(`{"tenant":"acme","sub":"u1","exp":%d.5}`, now.Add(time.Hour).Unix()), "secret one"),
	} {
		r, err := inapp.Read(token, keys, now)
		if err != nil || r.Tenant != "acme" || r.User != "u1" || !r.Until.Equal(now.Add(time.Hour)) {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	good := sign(head, claims(""), "secret one")
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k1"}`)) + "." + parts[1] + "."
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"tenant":"bolt","sub":"u1","exp":1772449200}`))
	for name, token := range map[string]string{
		"empty": "", "dots": "..", "two parts": parts[0] + "." + parts[1], "unsigned": none,
		"no algorithm":      sign(`{"alg":"none","kid":"k1"}`, claims(""), "secret one"),
		"another algorithm": sign(`{"alg":"HS512","kid":"k1"}`, claims(""), "secret one"),
		"no key named":      sign(`{"alg":"HS256"}`, claims(""), "secret one"),
		"an unknown key":    sign(`{"alg":"HS256","kid":"k9"}`, claims(""), ""),
		"another key":       sign(head, claims(""), "secret two"),
		"critical":          sign(`{"alg":"HS256","kid":"k1","crit":["b64"]}`, claims(""), "secret one"),
		"another tenant":    parts[0] + "." + other + "." + parts[2],
		"cut":               good[:len(good)-1], "longer": good + "A", "a line break": good[:10] + "\n" + good[10:],
		"over":          sign(head, fmt.Sprintf(`{"tenant":"acme","sub":"u1","exp":%d}`, now.Add(-2*time.Minute).Unix()), "secret one"),
		"no end":        sign(head, `{"tenant":"acme","sub":"u1"}`, "secret one"),
		"too long":      sign(head, fmt.Sprintf(`{"tenant":"acme","sub":"u1","exp":%d}`, now.Add(25*time.Hour).Unix()), "secret one"),
		"endless":       sign(head, `{"tenant":"acme","sub":"u1","exp":1e300}`, "secret one"),
		"not yet":       sign(head, claims(fmt.Sprintf(`,"nbf":%d`, now.Add(time.Hour).Unix())), "secret one"),
		"of the future": sign(head, claims(fmt.Sprintf(`,"iat":%d`, now.Add(time.Hour).Unix())), "secret one"),
		"no tenant":     sign(head, fmt.Sprintf(`{"sub":"u1","exp":%d}`, now.Add(time.Hour).Unix()), "secret one"),
		"no user":       sign(head, fmt.Sprintf(`{"tenant":"acme","exp":%d}`, now.Add(time.Hour).Unix()), "secret one"),
		"a list":        sign(head, fmt.Sprintf(`{"tenant":["acme"],"sub":"u1","exp":%d}`, now.Add(time.Hour).Unix()), "secret one"),
		"huge":          sign(head, claims(`,"x":"`+strings.Repeat("x", 5000)+`"`), "secret one"),
	} {
		if r, err := inapp.Read(token, keys, now); err == nil {
			t.Errorf("%s is taken: %+v", name, r)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sign(head, claims(""), "secret one"))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		r, err := inapp.Read(token, keys, now)
		if err == nil && (r.Tenant == "" || r.User == "" || r.Until.After(now.Add(inapp.MostLife+inapp.Slack))) {
			t.Errorf("%q: %+v", token, r)
		}
	})
}

func kept(id, incident int, status, text string, at time.Duration, customers ...string) *inapp.Kept {
	slices.Sort(customers)
	return &inapp.Kept{Message: ident.ID(id), Incident: ident.ID(incident), Public: fmt.Sprint("n", incident), Status: status, Title: "T", Text: text, StartedAt: now, PublishedAt: now.Add(at), Customers: customers}
}

// Of each incident a customer's users are shown the newest message that is for them;
// it ends two hours after the problem.
//
// Clauses: COM-CUST-INAPP, FUP-IMM-INAPP
func TestWhatACustomerIsShown(t *testing.T) {
	all := []*inapp.Kept{
		kept(1, 1, "investigating", "first", 0, "acme", "bolt"),
		kept(2, 2, "investigating", "other", 0, "coop"),
		kept(3, 1, "identified", "for some", time.Minute, "acme"),
	}
	show := func(customer string, at time.Duration) string {
		var out []string
		for _, n := range inapp.Notices(all, customer, 2*time.Hour, now.Add(at)) {
			out = append(out, n.Status+": "+n.Text)
		}
		return strings.Join(out, "; ")
	}
	check := func(when string, at time.Duration, want map[string]string) {
		t.Helper()
		for customer, text := range want {
			if got := show(customer, at); got != text {
				t.Errorf("%s, %s: %q, want %q", when, customer, got, text)
			}
		}
	}
	check("meanwhile", 2*time.Minute, map[string]string{"acme": "identified: for some", "bolt": "investigating: first", "coop": "investigating: other", "nobody": "", "": ""})
	all = append(all, kept(4, 1, "resolved", "all well", time.Hour, "acme"))
	for _, k := range all {
		if k.Incident == 1 {
			k.EndedAt = now.Add(time.Hour)
		}
	}
	check("resolved", time.Hour, map[string]string{"acme": "resolved: all well", "bolt": "resolved: This problem is resolved.", "coop": "investigating: other"})
	check("just before the end", 3*time.Hour-time.Second, map[string]string{"acme": "resolved: all well", "bolt": "resolved: This problem is resolved."})
	check("expired", 3*time.Hour, map[string]string{"acme": "", "bolt": "", "coop": "investigating: other"})
}
