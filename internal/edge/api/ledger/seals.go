package ledger

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"allclear/internal/domain/authz"
)

// AuditCheckpoint is a signed state of the record.
type AuditCheckpoint struct {
	Size     int64     `json:"size" doc:"How many entries were sealed."`
	Root     string    `json:"root" doc:"Of the Merkle tree over them (RFC 6962), in base64."`
	Note     string    `json:"note" doc:"The signed text, lines and all: this is what to keep."`
	SealedAt time.Time `json:"sealed_at"`
}

// Checkpoint shows the newest one.
func (d *Desk) Checkpoint(ctx context.Context, a authz.Actor, _ time.Time, _ *struct{}) (*Answer[AuditCheckpoint], error) {
	c, err := d.Audit.Last(ctx, a)
	if err != nil {
		return nil, err
	}
	return &Answer[AuditCheckpoint]{Body: AuditCheckpoint(c)}, nil
}

// AuditReport is what verifying found.
type AuditReport struct {
	OK       bool      `json:"ok" doc:"Everything is as it was sealed."`
	Sealed   int64     `json:"sealed" doc:"Entries that were verified, up to the first that is wrong."`
	Unsealed int64     `json:"unsealed" doc:"Entries too new to be sealed."`
	SealedAt time.Time `json:"sealed_at,omitzero" doc:"When the newest seal was made."`
	Anchored bool      `json:"anchored" doc:"The given checkpoint agrees. Without one, a record that was cut off at its end or written anew cannot be told."`
	Problem  string    `json:"problem,omitempty" doc:"What is wrong first."`
	Entry    string    `json:"entry,omitempty" doc:"The first entry that is wrong."`
	Position int64     `json:"position" doc:"The place that is wrong, from 0; -1: none."`
}

// VerifyInput carries a checkpoint that was kept elsewhere.
type VerifyInput struct {
	Checkpoint string `query:"checkpoint" maxLength:"4000" doc:"The note of a checkpoint that was kept elsewhere, in base64url."`
}

// Verify verifies the whole record.
func (d *Desk) Verify(ctx context.Context, a authz.Actor, _ time.Time, in *VerifyInput) (*Answer[AuditReport], error) {
	kept, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(in.Checkpoint, "="))
	if err != nil {
		return nil, wrong("checkpoint", "not base64url")
	}
	r, err := d.Audit.Verify(ctx, a, d.Key, kept)
	if err != nil {
		return nil, err
	}
	return &Answer[AuditReport]{Body: AuditReport{
		OK: r.Problem == "", Sealed: r.Sealed, Unsealed: r.Unsealed, SealedAt: r.SealedAt, Anchored: r.Anchored, Problem: r.Problem, Entry: r.Entry, Position: r.Position,
	}}, nil
}
