package access

import (
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
)

// INV-A2, INV-A3: only administrators manage accounts, and to others a foreign
// account is a missing one.
func TestAccountsAreManagedByAdministrators(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.account("other", authz.Responder)
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			acc := w.account(string(role), role)
			who := w.signIn(start, acc.Email)
			ctx := t.Context()
			yes := true
			_, create := w.a.CreateAccount(ctx, start, who, NewAccount{Email: "x@example.com", Role: role, Password: pass})
			_, list := w.a.ListAccounts(ctx, who, 0, 10)
			_, change := w.a.ChangeAccount(ctx, start, who, other.ID, Change{Disabled: &yes}, nil)
			_, self := w.a.ChangeAccount(ctx, start, who, acc.ID, Change{Role: ptr(authz.Admin)}, nil)
			for what, err := range map[string]error{"create": create, "list": list, "change": change, "promote oneself": self} {
				if !fault.Is(err, fault.Refused) {
					t.Errorf("%s %s: %v", role, what, err)
				}
			}
			missing := ident.ID(12345)
			_, foreign := w.a.GetAccount(ctx, who, other.ID)
			_, none := w.a.GetAccount(ctx, who, missing)
			if strings.ReplaceAll(foreign.Error(), other.ID.String(), "ID") != strings.ReplaceAll(none.Error(), missing.String(), "ID") {
				t.Errorf("foreign %v, missing %v", foreign, none)
			}
			if got, err := w.a.GetAccount(ctx, who, acc.ID); err != nil || got.Email != acc.Email {
				t.Errorf("%s: own account: %+v, %v", role, got, err)
			}
			if err := w.a.ChangePassword(ctx, start, who, other.ID, pass, "another long password"); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s sets another's password: %v", role, err)
			}
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		yes := true
		for _, c := range []Change{{Disabled: &yes}, {Role: ptr(authz.Auditor)}} {
			if _, err := w.a.ChangeAccount(t.Context(), start, w.root, w.root.Account, c, nil); !fault.Is(err, fault.Conflict) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		w.account("second", authz.Admin)
		if _, err := w.a.ChangeAccount(t.Context(), start, w.root, w.root.Account, Change{Role: ptr(authz.Auditor)}, nil); err != nil {
			t.Errorf("with a second one: %v", err)
		}
	})
}

func TestNewAccountsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.account("ana", authz.Responder)
		good := NewAccount{Email: "x@example.com", PersonID: "x", Role: authz.Responder, Password: pass}
		for name, tt := range map[string]struct {
			change func(*NewAccount)
			want   fault.Kind
		}{
			"no address":        {func(n *NewAccount) { n.Email = "" }, fault.Invalid},
			"address with name": {func(n *NewAccount) { n.Email = "X <x@example.com>" }, fault.Invalid},
			"two lines":         {func(n *NewAccount) { n.Email = "x@example.com\nbcc: y@example.com" }, fault.Invalid},
			"no role":           {func(n *NewAccount) { n.Role = "" }, fault.Invalid},
			"system":            {func(n *NewAccount) { n.Role = authz.System }, fault.Invalid},
			"short":             {func(n *NewAccount) { n.Password = "eleven char" }, fault.Invalid},
			"endless":           {func(n *NewAccount) { n.Password = strings.Repeat("x", 257) }, fault.Invalid},
			"the address":       {func(n *NewAccount) { n.Password = "X@example.com" }, fault.Invalid},
			"taken address":     {func(n *NewAccount) { n.Email = "ANA@example.com" }, fault.Conflict},
			"taken person":      {func(n *NewAccount) { n.PersonID = "ana" }, fault.Conflict},
		} {
			in := good
			tt.change(&in)
			if _, err := w.a.CreateAccount(t.Context(), start, w.root, in); !fault.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
		if _, err := w.a.CreateAccount(t.Context(), start, w.root, good); err != nil {
			t.Errorf("good: %v", err)
		}
	})
}

// A new password ends every other session, needs the present one, and counts as
// a guess.
func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acc := w.account("ana", authz.Responder)
		ctx := t.Context()
		here, err := w.a.SignIn(ctx, start, acc.Email, pass, "")
		if err != nil {
			t.Fatal(err)
		}
		there, err := w.a.SignIn(ctx, start, acc.Email, pass, "")
		if err != nil {
			t.Fatal(err)
		}
		const next = "another long password"
		if err := w.a.ChangePassword(ctx, start, here.Who, acc.ID, "wrong", next); !fault.Is(err, fault.Invalid) {
			t.Errorf("with a wrong present password: %v", err)
		}
		if err := w.a.ChangePassword(ctx, start, here.Who, acc.ID, pass, "short"); !fault.Is(err, fault.Invalid) {
			t.Errorf("to a short one: %v", err)
		}
		if err := w.a.ChangePassword(ctx, start, here.Who, acc.ID, pass, next); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.BySession(ctx, start, here.Token.Reveal()); err != nil {
			t.Errorf("the session that changed it: %v", err)
		}
		if _, err := w.a.BySession(ctx, start, there.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("another session: %v", err)
		}
		if _, err := w.a.SignIn(ctx, start, acc.Email, pass, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the old password: %v", err)
		}
		if err := w.a.ChangePassword(ctx, start, w.root, acc.ID, "", pass); err != nil {
			t.Errorf("reset by an administrator: %v", err)
		}
		if _, err := w.a.BySession(ctx, start, here.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a session after the reset: %v", err)
		}
		for range maxGuesses {
			err = w.a.ChangePassword(ctx, start, here.Who, acc.ID, "wrong", next)
		}
		if !fault.Is(err, fault.Busy) {
			t.Errorf("guessing by changing: %v", err)
		}
	})
}

func TestChangesAreOnRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acc := w.account("ana", authz.Responder)
		before := w.kinds()[event.AccountChanged]
		yes := true
		for range 2 { // the second changes nothing
			got, err := w.a.ChangeAccount(t.Context(), start, w.root, acc.ID, Change{Role: ptr(authz.Auditor), Disabled: &yes}, nil)
			if err != nil || got.Role != authz.Auditor || !got.Disabled {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if got := w.kinds()[event.AccountChanged] - before; got != 1 {
			t.Errorf("%d entries, want 1", got)
		}
	})
}

func ptr[T any](v T) *T { return &v }
