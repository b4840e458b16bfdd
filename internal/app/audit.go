package app

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/fault"
	"allclear/internal/flow/audit"
)

// auditName is what the installation signs checkpoints of the record as.
const auditName = "allclear"

// auditKey derives the key that signs checkpoints from the installation's
// secret. public is what somebody else needs to check them.
func auditKey(master []byte) (signer note.Signer, public string, err error) {
	seed, err := hkdf.Key(sha256.New, master, nil, "allclear audit checkpoints", ed25519.SeedSize)
	if err != nil {
		return nil, "", fmt.Errorf("derive keys: %w", err)
	}
	key, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return nil, "", errors.New("derive keys: no public key")
	}
	if public, err = note.NewEd25519VerifierKey(auditName, key); err != nil {
		return nil, "", fmt.Errorf("derive keys: %w", err)
	}
	const ed25519Kind = 1 // in the form of sumdb/note
	hash := strings.Split(public, "+")[1]
	signer, err = note.NewSigner("PRIVATE+KEY+" + auditName + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{ed25519Kind}, seed...)))
	return signer, public, err
}

// AuditOptions say what the record is checked against.
type AuditOptions struct {
	Checkpoint string // file with a checkpoint that was kept elsewhere
	Key        string // public key, where the installation's secret is not at hand
}

// VerifyAudit computes the record's seals again from its rows. Its error says
// that the record is not what was sealed.
func VerifyAudit(ctx context.Context, d Database, o AuditOptions, table bool, out io.Writer) error {
	public := o.Key
	if public == "" {
		var err error
		if public, err = publicKey(d.Dir); err != nil {
			return err
		}
	}
	by, err := note.NewVerifier(public)
	if err != nil {
		return fault.New(fault.Invalid, "the public key cannot be used: %s", err)
	}
	var kept []byte
	if o.Checkpoint != "" {
		if kept, err = os.ReadFile(o.Checkpoint); err != nil {
			return fault.New(fault.NotFound, "read checkpoint: %s", err)
		}
	}
	db, err := openAsIs(ctx, d)
	if err != nil {
		return err
	}
	r, err := audit.New(db, nil).Verify(ctx, setup().Actor, by, kept)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := tellAudit(r, table, out); err != nil {
		return err
	}
	if r.Problem != "" {
		return fault.New(fault.Unavailable, "audit verify: the record is not what was sealed: %s", r.Problem)
	}
	return nil
}

func tellAudit(r audit.Report, table bool, out io.Writer) error {
	if !table {
		return json.NewEncoder(out).Encode(struct {
			OK bool `json:"ok"`
			audit.Report
		}{r.Problem == "", r})
	}
	if r.Problem != "" {
		_, err := fmt.Fprintf(out, "NOT AS SEALED: %s\n  entry %s, position %d\n", r.Problem, r.Entry, r.Position)
		return err
	}
	_, err := fmt.Fprintf(out, "%d sealed entries are as they were written, each one and in order; %d are too new to be sealed.\n", r.Sealed, r.Unsealed)
	if err != nil {
		return err
	}
	if r.Anchored {
		_, err = fmt.Fprintln(out, "The checkpoint that was kept elsewhere agrees: nothing before it was cut off or written anew.")
		return err
	}
	_, err = fmt.Fprintln(out, "Whether entries were cut off at the end, or all was written anew with the installation's key, cannot be seen without a\ncheckpoint that was kept elsewhere: give one with --checkpoint.")
	return err
}

// AuditCheckpoint prints the newest checkpoint, for keeping elsewhere; the
// public key goes to notes.
func AuditCheckpoint(ctx context.Context, d Database, out, notes io.Writer) error {
	db, err := openAsIs(ctx, d)
	if err != nil {
		return err
	}
	last, err := audit.New(db, nil).Last(ctx, setup().Actor)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if public, err := publicKey(d.Dir); err == nil {
		_, _ = fmt.Fprintln(notes, "signed by", public)
	}
	_, err = io.WriteString(out, last.Note)
	return err
}

func publicKey(dir string) (string, error) {
	text, err := presentKey(dir)
	if err != nil {
		return "", err
	}
	master, err := masterOf(string(text))
	if err != nil {
		return "", err
	}
	_, public, err := auditKey(master)
	return public, err
}
