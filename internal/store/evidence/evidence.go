// Package evidence holds the SQL of files that were kept for incidents. Their bytes
// lie in the database, in pieces, under their SHA-256, so that a backup has them.
// It must not change or remove any, and cannot: the schema refuses it too.
package evidence

import (
	"errors"
	"fmt"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/evidence"
	"allclear/internal/store"
)

const (
	qChunk  = "insert into evidence_chunks(upload_id, seq, data) values($1,$2,$3)"
	qPiece  = "select data from evidence_chunks where upload_id = $1 and seq = $2"
	qBlob   = "select upload_id, size from evidence_blobs where sha256 = $1"
	qSeal   = "insert into evidence_blobs(sha256, upload_id, size, at) values($1,$2,$3,$4) on conflict(sha256) do nothing"
	qLoose  = "delete from evidence_chunks where upload_id = $1 and not exists(select 1 from evidence_blobs b where b.upload_id = evidence_chunks.upload_id)"
	qBroken = "delete from evidence_chunks where upload_id < $1 and not exists(select 1 from evidence_blobs b where b.upload_id = evidence_chunks.upload_id)"
	qAdd    = "insert into evidence(id, incident_id, sha256, doc) values($1,$2,$3,$4)"
	sel     = "select id, incident_id, sha256, doc from evidence "
	qGet    = sel + "where id = $1"
	qOf     = sel + "where incident_id = $1 order by id"
	qTotal  = "select cast(coalesce(sum(b.size), 0) as bigint) from evidence e join evidence_blobs b on b.sha256 = e.sha256 where e.incident_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qChunk, qPiece, qBlob, qSeal, qLoose, qBroken, qAdd, qGet, qOf, qTotal}
}

// Chunk keeps a piece of an upload that is under way.
func Chunk(tx *store.Tx, upload ident.ID, seq int64, data []byte) error {
	_, err := tx.Exec(qChunk, int64(upload), seq, data)
	return err
}

// Sweep forgets what is left of uploads that began before the instant and broke off.
func Sweep(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qBroken, int64(ident.At(before)))
	return err
}

// Seal makes the pieces of an upload the bytes of their hash; where there are such
// bytes already, those stay and the new ones go.
func Seal(tx *store.Tx, upload ident.ID, sha256 string, size int64, now time.Time) error {
	n, err := tx.Exec(qSeal, sha256, int64(upload), size, store.Micros(now))
	if err != nil || n == 1 {
		return err
	}
	_, err = tx.Exec(qLoose, int64(upload))
	return err
}

// Add writes that a file was kept.
func Add(tx *store.Tx, f *evidence.File) error {
	_, err := tx.Exec(qAdd, int64(f.ID), int64(f.IncidentID), f.SHA256, store.J(f))
	return err
}

// Blob is where the bytes of a hash lie.
type Blob struct {
	Upload ident.ID
	Size   int64
}

// Find finds the bytes of a hash.
func Find(tx *store.Tx, sha256 string) (b Blob, err error) {
	var upload int64
	if err = tx.QueryRow(qBlob, sha256).Scan(&upload, &b.Size); err != nil {
		return b, fmt.Errorf("find bytes of %s: %w", sha256, err)
	}
	b.Upload = ident.ID(upload)
	return b, nil
}

// Piece reads a piece; nil after the last.
func Piece(tx *store.Tx, b Blob, seq int64) (data []byte, err error) {
	err = tx.QueryRow(qPiece, int64(b.Upload), seq).Scan(&data)
	if store.NotFound(err) {
		return nil, nil
	}
	return data, err
}

// Get reads what was said of a file; nil when there is none.
func Get(tx *store.Tx, id ident.ID) (*evidence.File, error) {
	all, err := list(tx, qGet, int64(id))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Of lists the files of an incident, in the order in which they came.
func Of(tx *store.Tx, incident ident.ID) ([]*evidence.File, error) {
	return list(tx, qOf, int64(incident))
}

// Total is how many bytes the files of an incident have.
func Total(tx *store.Tx, incident ident.ID) (n int64, err error) {
	err = tx.QueryRow(qTotal, int64(incident)).Scan(&n)
	return n, err
}

func list(tx *store.Tx, query string, args ...any) (out []*evidence.File, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, inc int64
		var sum string
		var doc store.JSON[evidence.File]
		if err := rows.Scan(&id, &inc, &sum, &doc); err != nil {
			return nil, err
		}
		f := doc.V
		f.ID, f.IncidentID, f.SHA256 = ident.ID(id), ident.ID(inc), sum
		out = append(out, &f)
	}
	return out, rows.Err()
}
