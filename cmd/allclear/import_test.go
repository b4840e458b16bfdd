package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/cli"
)

const pagerDutyToken = "u+AllclearReadsOnly00"

// pagerDuty is an account with one user.
func pagerDuty(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		field, list := strings.Trim(r.URL.Path, "/"), "[]"
		switch {
		case r.Header.Get("Authorization") != "Token token="+pagerDutyToken:
			w.WriteHeader(http.StatusUnauthorized)
		case field == "users":
			list = `[{"id":"PANA","name":"Ana Example","email":"ana@example.com","contact_methods":[{"id":"C1","type":"push_notification_contact_method","label":"phone"}]}]`
		}
		_, _ = io.WriteString(w, `{"`+field+`":`+list+`,"more":false}`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// A folder is taken in as before, with the name of its own command or without; an
// account is a command beside it, and says nothing of the token it was given.
//
// Clauses: INT-PAGERDUTY
func TestImport(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if o := command("migrate", "--data", data); o.code != cli.ExitOK {
		t.Fatalf("%+v", o)
	}
	dir, token := filepath.Join(t.TempDir(), "out"), write(t, "token", pagerDutyToken)
	account := []string{"import", "pagerduty", "--data", data, "--token-file", token, "--allow-outbound", "127.0.0.0/8", "--base-url", pagerDuty(t)}
	if o := command(append(account, "--dry-run", "--out", dir)...); o.code != cli.ExitOK || !strings.Contains(o.out, "1 would be created") || !strings.Contains(o.out, "Not carried over") || strings.Contains(o.out+o.err, pagerDutyToken) {
		t.Errorf("plan: %+v", o)
	}
	for _, args := range [][]string{{"import", dir}, {"import", "folder", dir}, {"import", "--dry-run", dir}} {
		if o := command(append(args, "--data", data)...); o.code != cli.ExitOK || !strings.Contains(o.out, "0 updated, 0 deleted") {
			t.Errorf("%v: %+v", args, o)
		}
	}
	if o := command(account...); o.code != cli.ExitOK || !strings.Contains(o.out, "0 created, 0 updated, 0 deleted, 1 unchanged") {
		t.Errorf("account: %+v", o)
	}
	for _, args := range [][]string{{"import"}, {"import", "pagerduty"}, {"import", "pagerduty", "--token-file", token, "--region", "moon"}} {
		if o := command(args...); o.code != cli.ExitUsage {
			t.Errorf("%v: %+v", args, o)
		}
	}
	account[len(account)-1] = pagerDuty(t)
	account[5] = write(t, "token", "u+wrong")
	if o := command(account...); o.code == cli.ExitOK || strings.Contains(o.out+o.err, "u+wrong") || !strings.Contains(o.err, "refuses the token") {
		t.Errorf("a wrong token: %+v", o)
	}
}
