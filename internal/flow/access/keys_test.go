package access

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func (w *world) key(in NewKey) (Key, string) {
	w.t.Helper()
	k, plain, err := w.a.CreateKey(w.t.Context(), start, w.root, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return k, plain.Reveal()
}

func TestKeysOpenOneDoor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		k, value := w.key(NewKey{Kind: KeyHooks, ServiceID: "api", Name: "grafana", Mapping: "m", Secret: "signature"})
		if len(value) != 32 || strings.Trim(value, "0123456789abcdef") != "" {
			t.Errorf("a value of %d characters is not 32 of hex", len(value))
		}
		got, err := w.a.FindKey(ctx, start, KeyHooks, value)
		if err != nil || got.ID != k.ID || got.ServiceID != "api" || got.Mapping != "m" || got.Secret.Reveal() != "signature" || !got.Signed {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, bad := range []struct{ kind, value string }{
			{KeyEvents, value}, {KeyHooks, strings.ToUpper(value)}, {KeyHooks, ""}, {KeyHooks, strings.Repeat("0", 32)}, {"", value},
		} {
			if _, err := w.a.FindKey(ctx, start, bad.kind, bad.value); !fault.Is(err, fault.NotFound) || err.Error() != "unknown key" {
				t.Errorf("%q by %.6s...: %v", bad.kind, bad.value, err)
			}
		}
		if listed, err := w.a.ListKeys(ctx, w.root, 0, 10); err != nil || len(listed) != 1 || listed[0].Secret != "" || !listed[0].Signed {
			t.Errorf("listed: %+v, %v", listed, err)
		}
		if err := w.a.RevokeKey(ctx, start, w.root, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.FindKey(ctx, start, KeyHooks, value); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoked, in the same instant: %v", err)
		}
		if err := w.a.RevokeKey(ctx, start, w.root, k.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestKeysAreManagedByAdministrators(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k, _ := w.key(NewKey{Kind: KeyEvents, ServiceID: "api"})
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			who := w.signIn(start, w.account(string(role), role).Email)
			_, _, create := w.a.CreateKey(t.Context(), start, who, NewKey{Kind: KeyEvents, ServiceID: "api"})
			_, list := w.a.ListKeys(t.Context(), who, 0, 10)
			revoke := w.a.RevokeKey(t.Context(), start, who, k.ID)
			for what, err := range map[string]error{"create": create, "list": list, "revoke": revoke} {
				if !fault.Is(err, fault.Refused) {
					t.Errorf("%s %s: %v", role, what, err)
				}
			}
		}
	})
}

func TestNewKeysAreChecked(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.a.opt.CheckService = func(_ *store.Tx, service string) error {
		if service != "api" {
			return fault.New(fault.Invalid, "no service %q", service)
		}
		return nil
	}
	for name, in := range map[string]NewKey{
		"no kind":    {ServiceID: "api"},
		"other kind": {Kind: "mail", ServiceID: "api"},
		"no service": {Kind: KeyEvents},
		"no such":    {Kind: KeyEvents, ServiceID: "moon"},
		"mapping":    {Kind: KeyEvents, ServiceID: "api", Mapping: strings.Repeat("x", maxMapping+1)},
	} {
		if _, _, err := w.a.CreateKey(t.Context(), start, w.root, in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.a.opt.Box = nil
	if _, _, err := w.a.CreateKey(t.Context(), start, w.root, NewKey{Kind: KeyHooks, ServiceID: "api", Secret: "s"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a secret without a box: %v", err)
	}
}

// What one node revokes, another one notices within a second.
func TestOtherNodesNotice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := New(w.db, jobs.NewBus(), w.a.opt)
		k, value := w.key(NewKey{Kind: KeyEvents, ServiceID: "api"})
		if _, err := other.FindKey(ctx, start, KeyEvents, value); err != nil {
			t.Fatal(err)
		}
		if err := w.a.RevokeKey(ctx, start, w.root, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := other.FindKey(ctx, start.Add(ringFresh), KeyEvents, value); !fault.Is(err, fault.NotFound) {
			t.Errorf("a second later: %v", err)
		}
	})
}

// A database that does not answer for a while turns no event away.
func TestKeyringOutlivesAHiccup(t *testing.T) {
	broken := false
	loads := 0
	ring := newKeyring(
		func(context.Context) (map[string]*Key, int64, error) {
			loads++
			if broken {
				return nil, 0, errors.New("down")
			}
			return map[string]*Key{"h": {Name: "k"}}, 1, nil
		},
		func(context.Context) (int64, error) {
			if broken {
				return 0, errors.New("down")
			}
			return 1, nil
		})
	ok := func(at time.Duration) bool {
		keys, err := ring.at(t.Context(), start.Add(at))
		return err == nil && keys["h"] != nil
	}
	if !ok(0) || !ok(2*time.Second) || loads != 1 {
		t.Fatalf("%d loads of keys that did not change", loads)
	}
	broken = true
	if !ok(2*time.Second + ringStale - 1) {
		t.Error("an event was turned away during a hiccup")
	}
	if ok(2*time.Second + ringStale) {
		t.Error("keys are believed for ever")
	}
	ring.forget()
	if ok(3 * time.Second) {
		t.Error("keys are believed although they changed here")
	}
}

// A load that began before a change must not bring the past back.
func TestSlowLoadDoesNotUndoAChange(t *testing.T) {
	var ring *keyring
	key := &Key{}
	ring = newKeyring(
		func(context.Context) (map[string]*Key, int64, error) {
			was := map[string]*Key{}
			if key != nil {
				was["h"] = key
				key = nil
				ring.forget() // revoked while this load is under way
			}
			return was, 1, nil
		},
		func(context.Context) (int64, error) { return 1, nil })
	if _, err := ring.at(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if keys, err := ring.at(t.Context(), start); err != nil || keys["h"] != nil {
		t.Errorf("after the change: %v, %v", keys, err)
	}
}

func BenchmarkFindKey(b *testing.B) {
	ring := newKeyring(
		func(context.Context) (map[string]*Key, int64, error) {
			return map[string]*Key{secret.Hash(strings.Repeat("a", 32)): {Kind: KeyEvents}}, 1, nil
		},
		func(context.Context) (int64, error) { return 1, nil })
	a := &Access{ring: ring}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.FindKey(b.Context(), start, KeyEvents, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"); err != nil {
			b.Fatal(err)
		}
	}
}
