package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug/pagerduty/account/accounttest"
)

// tokenFile writes a file with a token.
func tokenFile(t *testing.T, token string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// An account is planned, written as files, taken over, and taken over again without
// any change; the files make another installation the same. The token is nowhere.
//
// Clauses: INT-PAGERDUTY, PLT-PD-SCHED
func TestAPagerDutyAccountIsTakenOver(t *testing.T) {
	ctx := t.Context()
	for _, engine := range []string{"sqlite", "postgres"} {
		d := place(t, engine)
		if err := Migrate(ctx, d, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		said := ""
		run := func(o PagerDutyOptions) string {
			t.Helper()
			o.TokenFile, o.Region, o.AllowOutbound = tokenFile(t, accounttest.Token), "us", []string{"127.0.0.0/8"}
			o.BaseURL = accounttest.Acme().Start(t) + "/"
			var out bytes.Buffer
			if err := ImportPagerDuty(ctx, d, o, &out); err != nil {
				t.Fatal(err)
			}
			said += out.String()
			return out.String()
		}
		dir := filepath.Join(t.TempDir(), "out")
		plan := run(PagerDutyOptions{DryRun: true, Dir: dir})
		for _, want := range []string{"create  person    ana\n", "create  schedule  primary\n", "7 would be created, 0 updated, 0 deleted", `contact method "Ana Example, Ana's phone": a device`} {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: the plan lacks %q:\n%s", engine, want, plan)
			}
		}
		if again := run(PagerDutyOptions{DryRun: true}); again != plan {
			t.Errorf("%s: the plan changed something:\n%s", engine, again)
		}
		if done := run(PagerDutyOptions{}); !strings.Contains(done, "7 created, 0 updated, 0 deleted, 0 unchanged") {
			t.Errorf("%s: %s", engine, done)
		}
		if done := run(PagerDutyOptions{}); !strings.Contains(done, "0 created, 0 updated, 0 deleted, 7 unchanged") {
			t.Errorf("%s: again: %s", engine, done)
		}
		var out bytes.Buffer
		if err := Import(ctx, d, dir, ImportOptions{DryRun: true}, &out); err != nil || !strings.Contains(out.String(), "0 updated, 0 deleted, 7 unchanged") {
			t.Errorf("%s: its files say something else: %s, %v", engine, out.String(), err)
		}
		said += out.String() + written(t, dir)
		if strings.Contains(said, accounttest.Token) {
			t.Errorf("%s: the token is shown", engine)
		}
		if !strings.Contains(said, `ALLCLEAR_PAGERDUTY_USERS="PANA=Ana@example.com PBO=`) {
			t.Errorf("%s: nobody says who is who", engine)
		}
	}
}

// written is everything below a folder.
func written(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestAnAccountThatCannotBeTakenOver(t *testing.T) {
	d := place(t, "sqlite")
	if err := Migrate(t.Context(), d, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	good, url := tokenFile(t, accounttest.Token), accounttest.Acme().Start(t)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	loopback := []string{"127.0.0.0/8"}
	for name, c := range map[string]struct {
		o    PagerDutyOptions
		kind fault.Kind
	}{
		"a wrong token":           {PagerDutyOptions{TokenFile: tokenFile(t, "u+wrong"), BaseURL: url, AllowOutbound: loopback}, fault.Unauthenticated},
		"no token":                {PagerDutyOptions{TokenFile: tokenFile(t, ""), BaseURL: url, AllowOutbound: loopback}, fault.Invalid},
		"a file of something":     {PagerDutyOptions{TokenFile: tokenFile(t, "my token"), BaseURL: url, AllowOutbound: loopback}, fault.Invalid},
		"no file":                 {PagerDutyOptions{TokenFile: filepath.Join(full, "none"), BaseURL: url, AllowOutbound: loopback}, fault.Invalid},
		"another region":          {PagerDutyOptions{TokenFile: good, Region: "moon"}, fault.Invalid},
		"a private address":       {PagerDutyOptions{TokenFile: good, BaseURL: url}, fault.Invalid},
		"a folder that is in use": {PagerDutyOptions{TokenFile: good, BaseURL: url, AllowOutbound: loopback, Dir: full}, fault.Conflict},
	} {
		var out bytes.Buffer
		err := ImportPagerDuty(t.Context(), d, c.o, &out)
		if !fault.Is(err, c.kind) || strings.Contains(err.Error()+out.String(), "u+wrong") || strings.Contains(err.Error(), accounttest.Token) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
