package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"allclear/internal/app/demo"
	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/access"
	"allclear/internal/store"
	"allclear/procedures"
)

// demoFile is DIR/demo.json of `serve --demo` (contract).
type demoFile struct {
	ConsoleURL     string     `json:"console_url"`
	PageURL        string     `json:"page_url"`
	APIToken       string     `json:"api_token"`
	IntegrationKey string     `json:"integration_key"`
	HookKey        string     `json:"hook_key"`
	SignIn         demoSignIn `json:"sign_in"`
}

type demoSignIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

const demoName = "demo.json"

// setup is who prepares an installation before anybody has an account.
func setup() access.Identity {
	return access.Identity{Actor: authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}, Role: authz.Admin}
}

// procedureInForce makes sure that a procedure is active: the named file, or
// the built-in one where none was ever activated.
func (e *Engine) procedureInForce(ctx context.Context, file string, now time.Time) error {
	if file == "" {
		err := e.DB.View(ctx, func(tx *store.Tx) error {
			_, err := e.Shelf.Active(tx)
			return err
		})
		if err == nil || !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	text, err := ProcedureText(file)
	if err != nil {
		return err
	}
	_, err = e.Procedures.Activate(ctx, setup().Actor, text, now)
	return err
}

// seedDemo loads the demonstration once. On a folder that has demo.json its
// keys are kept and only the addresses are brought up to date.
func (e *Engine) seedDemo(ctx context.Context, dir string, urls demoFile, company []catalog.Entity, now time.Time) (demoFile, error) {
	path := filepath.Join(dir, demoName)
	d, err := readDemo(path)
	if err == nil {
		d.ConsoleURL, d.PageURL = urls.ConsoleURL, urls.PageURL
		return d, writeDemo(path, d)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return d, fmt.Errorf("read %s: %w", path, err)
	}
	who := setup()
	if _, err := e.Admin.Load(ctx, who.Actor, company, now); err != nil {
		return d, fmt.Errorf("load the demonstration: %w", err)
	}
	d = urls
	d.SignIn = demoSignIn{Email: "ana@" + demo.Domain, Password: secret.NewToken("").Reveal()}
	acc, err := e.Access.Bootstrap(ctx, now, access.NewAccount{Email: d.SignIn.Email, PersonID: "ana", Password: d.SignIn.Password})
	if err != nil {
		return d, fmt.Errorf("make the demonstration's account: %w", err)
	}
	_, token, err := e.Access.CreateToken(ctx, now, who, access.NewToken{Name: "demo", Account: acc.ID, Role: authz.Admin})
	if err != nil {
		return d, fmt.Errorf("make the demonstration's token: %w", err)
	}
	d.APIToken = token.Reveal()
	for _, k := range []struct {
		in access.NewKey
		to *string
	}{
		{access.NewKey{Kind: access.KeyEvents, ServiceID: "auth", Name: "demo events"}, &d.IntegrationKey},
		{access.NewKey{Kind: access.KeyHooks, ServiceID: "api", Name: "demo hooks"}, &d.HookKey},
	} {
		_, value, err := e.Access.CreateKey(ctx, now, who, k.in)
		if err != nil {
			return d, fmt.Errorf("make the demonstration's keys: %w", err)
		}
		*k.to = value.Reveal()
	}
	return d, writeDemo(path, d)
}

func readDemo(path string) (d demoFile, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(b, &d)
}

func writeDemo(path string, d demoFile) error {
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(path, append(b, '\n'))
}

// firstAccount makes an administrator where nobody has an account, and returns
// the password to be shown once.
func (e *Engine) firstAccount(ctx context.Context, now time.Time) (email, password string, err error) {
	email, password = "admin@localhost.localdomain", secret.NewToken("").Reveal()
	_, err = e.Access.Bootstrap(ctx, now, access.NewAccount{Email: email, Password: password})
	if fault.Is(err, fault.Conflict) {
		return "", "", nil
	}
	return email, password, err
}

// builtIn names the procedure inside the binary.
const builtIn = "techflow"

// ProcedureText reads a procedure: the one inside the binary by its name, else a
// file.
func ProcedureText(name string) ([]byte, error) {
	if name == "" || name == builtIn {
		return procedures.TechFlow, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fault.New(fault.NotFound, "read procedure: %s", err)
	}
	return text, nil
}

// catalogue is the demonstration's with the scenario's schedules.
