package access

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
)

func TestTokensLetIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acc := w.account("ana", authz.Responder)
		ana := w.signIn(start, acc.Email)
		tok, plain := w.token(start, ana, NewToken{Name: "laptop", Account: acc.ID, Role: authz.Stakeholder, Expires: start.Add(time.Hour)})
		if !secret.Known(TokenPrefix, plain) {
			t.Errorf("%.4s... is not a token of ours", plain)
		}
		who, err := w.a.ByToken(ctx, start, plain)
		if err != nil || who.Actor != (authz.Actor{ID: "ana", Role: authz.Stakeholder, Via: "token"}) || who.Token != tok.ID {
			t.Errorf("%+v, %v", who, err)
		}
		if _, err := w.a.ByToken(ctx, start.Add(time.Hour), plain); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("expired: %v", err)
		}
		if _, err := w.a.ByToken(ctx, start, string(secret.NewToken(TokenPrefix))); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("unknown: %v", err)
		}
		_, machine := w.token(start, w.root, NewToken{Name: "ana", Role: authz.Responder})
		if who, err := w.a.ByToken(ctx, start, machine); err != nil || who.Actor.ID != "token:ana" || who.Account != 0 {
			t.Errorf("a machine called ana is %+v, %v", who, err)
		}
		if err := w.a.RevokeToken(ctx, start, ana, tok.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.ByToken(ctx, start, plain); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("revoked: %v", err)
		}
	})
}

// A token never does more than its owner may at the moment.
func TestTokenShrinksWithItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acc := w.account("ana", authz.Responder)
		_, plain := w.token(start, w.signIn(start, acc.Email), NewToken{Name: "t", Account: acc.ID, Role: authz.Responder})
		if _, err := w.a.ChangeAccount(t.Context(), start, w.root, acc.ID, Change{Role: ptr(authz.Stakeholder)}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.ByToken(t.Context(), start, plain); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("wider than its owner: %v", err)
		}
	})
}

func TestWhoMayMakeTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acc, other := w.account("ana", authz.Responder), w.account("bo", authz.Responder)
		ana := w.signIn(start, acc.Email)
		_, plain := w.token(start, ana, NewToken{Name: "t", Account: acc.ID, Role: authz.Responder})
		byToken, err := w.a.ByToken(ctx, start, plain)
		if err != nil {
			t.Fatal(err)
		}
		mine := NewToken{Name: "u", Account: acc.ID, Role: authz.Responder}
		with := func(c func(*NewToken)) NewToken { n := mine; c(&n); return n }
		for name, tt := range map[string]struct {
			who  Identity
			in   NewToken
			want fault.Kind
		}{
			"a token makes one":          {byToken, mine, fault.Refused},
			"for another":                {ana, with(func(n *NewToken) { n.Account = other.ID }), fault.Refused},
			"a machine's":                {ana, with(func(n *NewToken) { n.Account = 0 }), fault.Refused},
			"wider":                      {ana, with(func(n *NewToken) { n.Role = authz.Admin }), fault.Invalid},
			"an auditor's":               {ana, with(func(n *NewToken) { n.Role = authz.Auditor }), fault.Invalid},
			"of the software":            {w.root, with(func(n *NewToken) { n.Role = authz.System }), fault.Invalid},
			"expired at once":            {ana, with(func(n *NewToken) { n.Expires = start }), fault.Invalid},
			"without a name":             {ana, with(func(n *NewToken) { n.Name = "" }), fault.Invalid},
			"with a colon":               {w.root, with(func(n *NewToken) { n.Name = "a:b" }), fault.Invalid},
			"for nobody":                 {w.root, with(func(n *NewToken) { n.Account = 77 }), fault.NotFound},
			"wider, by an administrator": {w.root, with(func(n *NewToken) { n.Role = authz.Admin }), fault.Invalid},
			"nobody makes one for zero":  {Identity{}, with(func(n *NewToken) { n.Account = 0 }), fault.Refused},
		} {
			if _, _, err := w.a.CreateToken(ctx, start, tt.who, tt.in); !fault.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
		w.token(start, w.root, NewToken{Name: "robot", Role: authz.Auditor})
		if _, _, err := w.a.CreateToken(ctx, start, w.root, NewToken{Name: "robot", Role: authz.Auditor}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second machine of the name: %v", err)
		}
	})
}

// INV-A3: others' tokens are neither seen nor revoked.
func TestForeignTokensAreMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ana, bo := w.account("ana", authz.Responder), w.account("bo", authz.Auditor)
		asAna, asBo := w.signIn(start, ana.Email), w.signIn(start, bo.Email)
		tok, _ := w.token(start, asAna, NewToken{Name: "a", Account: ana.ID, Role: authz.Responder})
		robot, plain := w.token(start, w.root, NewToken{Name: "robot", Role: authz.Responder})
		asRobot, err := w.a.ByToken(ctx, start, plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			who Identity
			id  ident.ID
		}{{asBo, tok.ID}, {asBo, 99}, {asBo, robot.ID}, {asRobot, robot.ID}, {asRobot, tok.ID}, {w.root, 99}} {
			if err := w.a.RevokeToken(ctx, start, tt.who, tt.id); !fault.Is(err, fault.NotFound) || err.Error() != authz.NotFound("token", tt.id.String()).Error() {
				t.Errorf("%s revokes %s: %v", tt.who.Actor.ID, tt.id, err)
			}
		}
		for _, tt := range []struct {
			who  Identity
			want int
		}{{asAna, 1}, {asBo, 0}, {asRobot, 0}, {w.root, 2}} {
			if got, err := w.a.ListTokens(ctx, tt.who, 0, 10); err != nil || len(got) != tt.want {
				t.Errorf("%s sees %d tokens, %v, want %d", tt.who.Actor.ID, len(got), err, tt.want)
			}
		}
	})
}

func TestTokensPerAccountAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acc := w.account("ana", authz.Responder)
		ana := w.signIn(start, acc.Email)
		in := NewToken{Name: "t", Account: acc.ID, Role: authz.Responder}
		for range maxTokens {
			w.token(start, ana, in)
		}
		if _, _, err := w.a.CreateToken(t.Context(), start, ana, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("one too many: %v", err)
		}
	})
}
