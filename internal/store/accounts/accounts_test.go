package accounts

import (
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func TestQueriesFitBothEngines(t *testing.T) {
	storetest.PrepareAll(t, []string{
		accountByID, accountByMail, accountByWho, accountPage, insertAccount, updateAccount, countAdmins, anyAccount,
		sessionByHash, insertSession, touchSession, deleteSession, deleteSessions, oldSessions,
		tokenByHash, tokenByID, tokenPage, tokenPageOf, insertToken, touchToken, deleteToken, countTokensOf,
		allKeys, keyByID, keyPage, insertKey, deleteKey, bumpKeys, keysVersion,
		keptByKey, insertKept, answerKept, retakeKept, dropKept, pruneKept,
	})
}

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) error {
	t.Helper()
	return db.Update(t.Context(), store.PriorityRest, fn)
}

func TestAccountsAreUniqueByAddressAndPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		insert := func(email, person string) error {
			return update(t, db, func(tx *store.Tx) error {
				return Insert(tx, &Account{Email: email, PersonID: person, Role: authz.Admin, Password: "x"}, now)
			})
		}
		for _, tt := range []struct {
			email, person string
			taken         bool
		}{
			{"a@example.com", "ana", false},
			{"a@example.com", "bo", true},
			{"b@example.com", "ana", true},
			{"c@example.com", "", false},
			{"d@example.com", "", false}, // nobody's account may be many
		} {
			err := insert(tt.email, tt.person)
			if store.IsUnique(err) != tt.taken || (err != nil && !tt.taken) {
				t.Errorf("insert %s of %q: %v, want taken %v", tt.email, tt.person, err, tt.taken)
			}
		}
		err := update(t, db, func(tx *store.Tx) error {
			n, err := Admins(tx)
			if n != 3 {
				t.Errorf("%d administrators, want 3", n)
			}
			if got, err := ByEmail(tx, "nobody@example.com"); got != nil || err != nil {
				t.Errorf("missing account: %v, %v, want nothing", got, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		left := func(tx *store.Tx) (hashes string) {
			for _, h := range []string{"old", "idle", "live", "other"} {
				s, err := FindSession(tx, h)
				if err != nil {
					t.Fatal(err)
				}
				if s != nil {
					hashes += h + " "
				}
			}
			return hashes
		}
		err := update(t, db, func(tx *store.Tx) error {
			for _, s := range []Session{
				{Hash: "old", AccountID: 1, ExpiresAt: now, LastUsedAt: now},
				{Hash: "idle", AccountID: 1, ExpiresAt: now.Add(time.Hour), LastUsedAt: now.Add(-2 * time.Hour)},
				{Hash: "live", AccountID: 1, ExpiresAt: now.Add(time.Hour), LastUsedAt: now},
				{Hash: "other", AccountID: 2, ExpiresAt: now.Add(time.Hour), LastUsedAt: now},
			} {
				s.CreatedAt = now.Add(-3 * time.Hour)
				if err := InsertSession(tx, &s); err != nil {
					return err
				}
			}
			if err := PruneSessions(tx, now, now.Add(-time.Hour)); err != nil {
				return err
			}
			if got := left(tx); got != "live other " {
				t.Errorf("after pruning %q are left", got)
			}
			if err := DeleteSessions(tx, 1, "live"); err != nil {
				return err
			}
			if got := left(tx); got != "live other " {
				t.Errorf("after ending the others %q are left", got)
			}
			if err := DeleteSessions(tx, 1, ""); err != nil {
				return err
			}
			if got := left(tx); got != "other " {
				t.Errorf("after ending all of one account %q are left", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestTouchNeverGoesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := update(t, db, func(tx *store.Tx) error {
			tok := &Token{Hash: "h", Name: "n", Role: authz.Admin}
			if err := InsertToken(tx, tok, now); err != nil {
				return err
			}
			for _, at := range []time.Time{now.Add(time.Minute), now} {
				if err := TouchToken(tx, tok.ID, at); err != nil {
					return err
				}
			}
			got, err := FindToken(tx, "h")
			if err != nil {
				return err
			}
			if !got.LastUsedAt.Equal(now.Add(time.Minute)) || !got.ExpiresAt.IsZero() {
				t.Errorf("last used %v, expires %v", got.LastUsedAt, got.ExpiresAt)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
