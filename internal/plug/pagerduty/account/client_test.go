package account_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug/pagerduty/account"
	"allclear/internal/plug/pagerduty/account/accounttest"
	"allclear/internal/plug/plugtest"
)

// client reads the account and notes how long it was asked to wait.
func client(t *testing.T, url, token string) (c *account.Client, waited *[]time.Duration) {
	t.Helper()
	waited = &[]time.Duration{}
	return &account.Client{
		HTTP: plugtest.Config(nil).HTTP, URL: url, Token: secret.String(token),
		Wait: func(_ context.Context, d time.Duration) error { *waited = append(*waited, d); return nil },
	}, waited
}

// Clauses: INT-PAGERDUTY, PLT-PD-SCHED
func TestEverythingIsReadPageByPage(t *testing.T) {
	a := accounttest.Acme()
	for n := range 230 {
		a.Users = append(a.Users, account.User{ID: fmt.Sprintf("PX%03d", n), Name: fmt.Sprint("User ", n), Email: fmt.Sprintf("u%d@example.com", n)})
	}
	a.Schedules[0].Overrides = append(a.Schedules[0].Overrides, account.Override{ID: "O2", Start: accounttest.Now.AddDate(0, 0, 89), End: accounttest.Now.AddDate(0, 0, 92), User: account.Reference{ID: "PBO"}})
	a.Limited, a.Broken = 2, 1
	c, waited := client(t, a.Start(t), accounttest.Token)
	got, err := c.Read(t.Context(), accounttest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Users) != 233 || len(got.Teams) != 1 || len(got.Teams[0].Members) != 3 || len(got.Schedules) != 1 || len(got.Policies) != 1 || len(got.Services) != 2 {
		t.Errorf("read %d users, %d teams, %d schedules, %d policies, %d services", len(got.Users), len(got.Teams), len(got.Schedules), len(got.Policies), len(got.Services))
	}
	if s := got.Schedules[0]; len(s.Layers) != 3 || len(s.Overrides) != 2 || len(s.Final.Entries) == 0 {
		t.Errorf("schedule: %d layers, %d overrides, %d turns laid out", len(s.Layers), len(s.Overrides), len(s.Final.Entries))
	}
	if want := []time.Duration{18 * time.Second, 18 * time.Second, time.Second}; !slices.Equal(*waited, want) {
		t.Errorf("waited %v, want %v", *waited, want)
	}
}

// A token that is refused is said to be, and is in no error; a limit that does not
// end is given up.
//
// Clauses: INT-PAGERDUTY
func TestWhatCannotBeRead(t *testing.T) {
	const wrong = "u+ThisOneIsWrong0000"
	for name, c := range map[string]struct {
		token   string
		account *accounttest.Account
		kind    fault.Kind
		waits   int
	}{
		"a wrong token":    {wrong, accounttest.Acme(), fault.Unauthenticated, 0},
		"an endless limit": {accounttest.Token, &accounttest.Account{Limited: 100}, fault.Busy, 5},
		"always broken":    {accounttest.Token, &accounttest.Account{Broken: 100}, fault.Unavailable, 5},
	} {
		cl, waited := client(t, c.account.Start(t), c.token)
		_, err := cl.Read(t.Context(), accounttest.Now)
		if !fault.Is(err, c.kind) || len(*waited) != c.waits {
			t.Errorf("%s: %v after %d waits", name, err, len(*waited))
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, cl), c.token) {
			t.Errorf("%s: the token is shown", name)
		}
	}
	if account.Regions["us"] != "https://api.pagerduty.com" || account.Regions["eu"] != "https://api.eu.pagerduty.com" {
		t.Errorf("regions %v", account.Regions)
	}
}
