package access

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestSignInOpensAndEndsASession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.account("ana", authz.Responder)
		first, err := w.a.SignIn(t.Context(), start, " ANA@example.com", pass, "")
		if err != nil {
			t.Fatal(err)
		}
		who, err := w.a.BySession(t.Context(), start, first.Token.Reveal())
		if err != nil || who.Actor != (authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}) {
			t.Fatalf("by session: %+v, %v", who, err)
		}
		second, err := w.a.SignIn(t.Context(), start, "ana@example.com", pass, first.Token.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.BySession(t.Context(), start, first.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the session before the new sign-in: %v", err)
		}
		if err := w.a.SignOut(t.Context(), start, second.Who); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.BySession(t.Context(), start, second.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the session after signing out: %v", err)
		}
		if got := w.kinds(); got[event.SignedIn] != 3 || got[event.SignedOut] != 1 || got[event.AccountChanged] != 2 {
			t.Errorf("on record: %v", got)
		}
	})
}

// A session ends by idleness and by age, and a use is remembered although the
// request did not write.
func TestSessionExpiry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, err := w.a.SignIn(t.Context(), start, "root@example.com", pass, "")
		if err != nil {
			t.Fatal(err)
		}
		token := s.Token.Reveal()
		alive := func(at time.Time) bool {
			t.Helper()
			_, err := w.a.BySession(t.Context(), at, token)
			if err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Fatal(err)
			}
			return err == nil
		}
		const idle, life = 12 * time.Hour, 7 * 24 * time.Hour
		if alive(start.Add(idle)) {
			t.Error("alive after idling for the whole time")
		}
		at := start
		for at.Add(idle - time.Second).Before(start.Add(life)) {
			at = at.Add(idle - time.Second)
			if !alive(at) {
				t.Fatalf("dead at %v although used", at.Sub(start))
			}
			if err := w.a.Tick(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
		if !alive(start.Add(life - time.Second)) {
			t.Error("dead before its age")
		}
		if alive(start.Add(life)) {
			t.Error("alive at its age")
		}
		if err := w.a.Tick(t.Context(), start.Add(life)); err != nil {
			t.Fatal(err)
		}
		if dump := storetest.Dump(t, w.db); strings.Contains(dump, secret.Hash(token)) {
			t.Error("an expired session is still stored")
		}
	})
}

func TestUseIsWrittenDownOnce(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	before := storetest.Dump(t, w.db)
	s, err := w.a.SignIn(t.Context(), start, "root@example.com", pass, "")
	if err != nil {
		t.Fatal(err)
	}
	signed := storetest.Dump(t, w.db)
	if before == signed {
		t.Fatal("signing in stored nothing: the dump is blind")
	}
	if _, err := w.a.BySession(t.Context(), start.Add(time.Hour), s.Token.Reveal()); err != nil {
		t.Fatal(err)
	}
	if storetest.Dump(t, w.db) != signed {
		t.Error("a read changed the database")
	}
	if err := w.a.Tick(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	ticked := storetest.Dump(t, w.db)
	if ticked == signed {
		t.Error("the use was not written down")
	}
	if err := w.a.Tick(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if storetest.Dump(t, w.db) != ticked || len(w.a.uses.sessions) != 0 {
		t.Error("the use was written down again")
	}
}

// At most ten guesses in fifteen minutes for one account, also in parallel,
// also for an address without an account, and the right password does not help.
func TestGuessesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.account("ana", authz.Responder)
		w.account("bo", authz.Responder)
		for _, email := range []string{"ana@example.com", "nobody@example.com"} {
			results := make(chan error, 20)
			for range cap(results) {
				go func() {
					_, err := w.a.SignIn(t.Context(), start, email, "wrong", "")
					results <- err
				}()
			}
			checked := 0
			for range cap(results) {
				err := <-results
				switch fault.KindOf(err) {
				case fault.Unauthenticated:
					checked++
				case fault.Busy:
					var th *Throttled
					if !errors.As(err, &th) || th.RetryAfter() != guessWindow {
						t.Errorf("%s: told to wait by %v", email, err)
					}
				default:
					t.Errorf("%s: %v", email, err)
				}
			}
			if checked != maxGuesses {
				t.Errorf("%s: %d guesses were checked, want %d", email, checked, maxGuesses)
			}
		}
		if _, err := w.a.SignIn(t.Context(), start.Add(guessWindow-time.Second), "ana@example.com", pass, ""); !fault.Is(err, fault.Busy) {
			t.Errorf("the right password within the window: %v", err)
		}
		w.signIn(start, "bo@example.com")
		w.signIn(start.Add(guessWindow), "ana@example.com")
		if got := w.kinds()[event.SignInFailed]; got != maxGuesses {
			t.Errorf("%d failures on record, want those of the real account: %d", got, maxGuesses)
		}
	})
}

// Whoever signs in rightly is not counted.
func TestRightPasswordsAreNotCounted(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	for range 3 * maxGuesses {
		w.signIn(start, "root@example.com")
	}
}

// Trying many addresses neither grows memory without bound nor frees guesses at
// a real account.
func TestStrangersCannotPushAccountsOut(t *testing.T) {
	th := newThrottle()
	for range maxGuesses {
		if err := th.take("ana@example.com", true, start); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 * maxStrangers {
		if err := th.take(strings.Repeat("x", i%97)+string(rune('a'+i%26))+time.Duration(i).String(), false, start); err != nil && i < maxStrangers {
			t.Fatal(err)
		}
	}
	if len(th.strangers) > maxStrangers {
		t.Errorf("%d strangers are remembered", len(th.strangers))
	}
	if th.take("ana@example.com", true, start) == nil {
		t.Error("an eleventh guess at the account was taken")
	}
	th.tidy(start.Add(guessWindow))
	if len(th.strangers)+len(th.accounts) != 0 {
		t.Error("guesses out of the window are still remembered")
	}
}

// A flood of sign-ins is turned away instead of taking all memory.
func TestHashingIsBounded(t *testing.T) {
	h := newHasher(cheap)
	var leave []func()
	for range atOnce {
		l, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	waiting := make(chan error, inLine)
	for range inLine {
		go func() {
			l, err := h.enter(t.Context())
			if err == nil {
				l()
			}
			waiting <- err
		}()
	}
	for len(h.line) < atOnce+inLine { // until all stand in line
		runtime.Gosched()
	}
	if _, err := h.enter(t.Context()); !fault.Is(err, fault.Busy) {
		t.Errorf("one more than fits: %v", err)
	}
	for _, l := range leave {
		l()
	}
	for range inLine {
		if err := <-waiting; err != nil {
			t.Errorf("in line: %v", err)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	h := newHasher(Cost{})
	hash, err := h.make(t.Context(), pass)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash is %s", hash)
	}
	for password, want := range map[string]bool{pass: true, pass + "x": false, "": false, strings.Repeat("x", 5000): false} {
		if ok, err := h.check(t.Context(), password, hash); ok != want || err != nil {
			t.Errorf("check of %d characters: %v, %v", len(password), ok, err)
		}
	}
	if ok, err := h.check(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no account: %v, %v", ok, err)
	}
	for _, bad := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=1,t=0,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"} {
		if ok, err := h.check(t.Context(), pass, bad); ok || err == nil {
			t.Errorf("check against %q: %v, %v", bad, ok, err)
		}
	}
}

// A hash of an older cost is made again at the next sign-in.
func TestHashesAreRenewed(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.a.hasher.cost = Cost{Memory: 128, Passes: 1, Threads: 1}
	w.signIn(start, "root@example.com")
	if dump := storetest.Dump(t, w.db); !strings.Contains(dump, "m=128,t=1") || strings.Contains(dump, "m=64,t=1") {
		t.Error("the hash was not renewed")
	}
	w.signIn(start, "root@example.com")
}

func TestDisabledAccountAnswersLikeAWrongPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acc := w.account("ana", authz.Responder)
		s, err := w.a.SignIn(t.Context(), start, acc.Email, pass, "")
		if err != nil {
			t.Fatal(err)
		}
		_, token := w.token(start, s.Who, NewToken{Name: "mine", Account: acc.ID, Role: authz.Responder})
		if err := w.a.DisableAccount(t.Context(), start, w.root, acc.ID); err != nil {
			t.Fatal(err)
		}
		_, wrong := w.a.SignIn(t.Context(), start, "root@example.com", "wrong", "")
		_, disabled := w.a.SignIn(t.Context(), start, acc.Email, pass, "")
		_, missing := w.a.SignIn(t.Context(), start, "nobody@example.com", pass, "")
		if wrong == nil || disabled == nil || wrong.Error() != disabled.Error() || missing.Error() != wrong.Error() {
			t.Errorf("wrong %v, disabled %v, missing %v", wrong, disabled, missing)
		}
		if _, err := w.a.BySession(t.Context(), start, s.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("session of a disabled account: %v", err)
		}
		if _, err := w.a.ByToken(t.Context(), start, token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("token of a disabled account: %v", err)
		}
		no := false
		if _, err := w.a.ChangeAccount(t.Context(), start, w.root, acc.ID, Change{Disabled: &no}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.a.BySession(t.Context(), start, s.Token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("session from before, after enabling: %v", err)
		}
		if _, err := w.a.ByToken(t.Context(), start, token); err != nil {
			t.Errorf("token after enabling: %v", err)
		}
	})
}

// INV-A5: no password, token or key is stored in the clear.
func TestNothingIsStoredInTheClear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, err := w.a.SignIn(t.Context(), start, "root@example.com", pass, "")
		if err != nil {
			t.Fatal(err)
		}
		_, token := w.token(start, w.root, NewToken{Name: "m", Role: authz.Auditor})
		const signature = "canary-signature-secret"
		_, key, err := w.a.CreateKey(t.Context(), start, w.root, NewKey{Kind: KeyHooks, ServiceID: "api", Secret: signature})
		if err != nil {
			t.Fatal(err)
		}
		dump := storetest.Dump(t, w.db)
		for _, canary := range []string{pass, s.Token.Reveal(), token, key.Reveal(), signature} {
			if strings.Contains(dump, canary) {
				t.Errorf("stored in the clear: %.8s...", canary)
			}
		}
	})
}

func TestBootstrapWorksOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := New(db, jobs.NewBus(), Options{Cost: cheap})
		in := NewAccount{Email: "a@example.com", Role: authz.Stakeholder, Password: pass}
		acc, err := a.Bootstrap(t.Context(), start, in)
		if err != nil || acc.Role != authz.Admin {
			t.Fatalf("first: %+v, %v", acc, err)
		}
		in.Email = "b@example.com"
		if _, err := a.Bootstrap(t.Context(), start, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("second: %v", err)
		}
	})
}
