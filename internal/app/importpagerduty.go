package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"allclear/internal/app/outbound"
	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/admin"
	"allclear/internal/plug"
	"allclear/internal/plug/pagerduty/account"
	"allclear/internal/store"
)

// PagerDutyOptions say which account is taken over, and how.
type PagerDutyOptions struct {
	TokenFile     string
	Region        string // us or eu
	BaseURL       string // instead of the region's
	Dir           string // where the declarative files are written too; empty: nowhere
	DryRun        bool   // print the plan and change nothing
	AllowOutbound []string
	Version       string
}

// usersFile tells who is who, in the form of the environment.
const usersFile = "pagerduty-users.env"

// ImportPagerDuty reads a PagerDuty account, prints what taking it over changes and
// what cannot be carried over, and, unless it is a dry run, takes it over. Nothing
// is deleted.
func ImportPagerDuty(ctx context.Context, d Database, o PagerDutyOptions, out io.Writer) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	defer func() { _ = client.HTTP.Close() }()
	if o.Dir != "" {
		if left, err := os.ReadDir(o.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) > 0 {
			return fault.New(fault.Conflict, "import: %s is no empty folder", o.Dir)
		}
	}
	options := d.Options()
	options.AsIs = options.AsIs || o.DryRun
	db, err := store.Open(ctx, options)
	if err != nil {
		return err
	}
	err = takeOver(ctx, offline(db), client, o, out)
	return errors.Join(err, db.Close())
}

func (o PagerDutyOptions) client() (*account.Client, error) {
	text, err := os.ReadFile(o.TokenFile)
	token := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		return nil, fault.New(fault.Invalid, "import: %s", err)
	case token == "" || strings.ContainsAny(token, " \t\r\n"):
		return nil, fault.New(fault.Invalid, "import: %s should hold the API key and nothing else", o.TokenFile)
	}
	url := strings.TrimRight(o.BaseURL, "/")
	if url == "" {
		url = account.Regions[o.Region]
	}
	if url == "" {
		return nil, fault.New(fault.Invalid, "import: region %q is neither us nor eu", o.Region)
	}
	guard, err := outbound.Guard(o.AllowOutbound)
	if err != nil {
		return nil, err
	}
	return &account.Client{HTTP: plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: o.Version, Answer: account.MaxAnswer}), URL: url, Token: secret.String(token)}, nil
}

func takeOver(ctx context.Context, e *Engine, client *account.Client, o PagerDutyOptions, out io.Writer) error {
	now, who := clock(), setup().Actor
	found, err := client.Read(ctx, now)
	if err != nil {
		return err
	}
	var stands *catalog.Catalog
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		stands, err = e.Admin.Catalog(tx)
		return err
	})
	if err != nil {
		return err
	}
	carried := account.Carry(found, stands, now)
	files, err := admin.Declare(carried.Entities)
	if err != nil {
		return err
	}
	if o.Dir != "" {
		if err := writeFiles(o.Dir, files, "", io.Discard); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(o.Dir, usersFile), []byte("ALLCLEAR_PAGERDUTY_USERS=\""+carried.Addresses()+"\"\n"), 0o600); err != nil {
			return fault.New(fault.Unavailable, "import: %s", err)
		}
	}
	plan, err := e.Admin.Apply(ctx, who, files, admin.Options{DryRun: o.DryRun}, now)
	if err != nil {
		return err
	}
	if err := printPlan(out, plan, ""); err != nil {
		return err
	}
	return printLeft(out, carried.Left)
}

// printLeft lists what cannot be carried over.
func printLeft(out io.Writer, left []account.Left) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nNot carried over, or not as it was: %d\n", len(left))
	for _, l := range left {
		fmt.Fprintf(&b, "  %s %q: %s\n", l.Kind, l.Name, l.Reason)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
