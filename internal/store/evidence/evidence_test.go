package evidence_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	domain "allclear/internal/domain/evidence"
	"allclear/internal/store"
	"allclear/internal/store/evidence"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, evidence.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

// keep makes a file of three pieces.
func keep(t *testing.T, db *store.DB, sum string) (f *domain.File, upload ident.ID) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		upload = tx.NewID(now)
		for i, part := range []string{"one ", "two ", "three"} {
			if err := evidence.Chunk(tx, upload, int64(i), []byte(part)); err != nil {
				return err
			}
		}
		if err := evidence.Seal(tx, upload, sum, 13, now); err != nil {
			return err
		}
		f = &domain.File{ID: tx.NewID(now), IncidentID: 7, SHA256: sum, Size: 13, Name: "a.log", MediaType: "text/plain", Note: "n", About: domain.About{Kind: "task", ID: 5}, By: "ana", At: now}
		return evidence.Add(tx, f)
	})
	return f, upload
}

func text(t *testing.T, tx *store.Tx, sum string) string {
	t.Helper()
	b, err := evidence.Find(tx, sum)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for seq := int64(0); ; seq++ {
		part, err := evidence.Piece(tx, b, seq)
		if err != nil {
			t.Fatal(err)
		}
		if part == nil {
			return out.String()
		}
		out.Write(part)
	}
}

// The same bytes are kept once, however often they come.
func TestBytesAreKeptUnderTheirHash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first, _ := keep(t, db, "sum")
		_, again := keep(t, db, "sum")
		update(t, db, func(tx *store.Tx) error {
			if got := text(t, tx, "sum"); got != "one two three" {
				t.Errorf("got %q", got)
			}
			if part, err := evidence.Piece(tx, evidence.Blob{Upload: again}, 0); err != nil || part != nil {
				t.Errorf("the second copy is still there: %q %v", part, err)
			}
			got, err := evidence.Get(tx, first.ID)
			if err != nil || !reflect.DeepEqual(got, first) {
				t.Errorf("got %+v, %v", got, err)
			}
			all, err := evidence.Of(tx, 7)
			if err != nil || len(all) != 2 {
				t.Errorf("%+v, %v", all, err)
			}
			n, err := evidence.Total(tx, 7)
			if n != 26 {
				t.Errorf("%d bytes", n)
			}
			return err
		})
	})
}

// The database refuses to change or remove evidence, whoever asks; what is left of an
// upload that broke off goes when it is old.
//
// Clauses: PIR-IMM-TL-3, SEC-BR-FORENSIC
func TestEvidenceCannotBeRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		keep(t, db, "sum")
		for _, q := range []string{
			"delete from evidence", "update evidence set doc = '{}'", "delete from evidence_blobs", "update evidence_blobs set sha256 = 'x'",
			"delete from evidence_chunks", "update evidence_chunks set seq = seq + 100",
		} {
			err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
				_, err := tx.Exec(q)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "evidence is kept") {
				t.Errorf("%s: %v", q, err)
			}
		}
		var broken, fresh ident.ID
		update(t, db, func(tx *store.Tx) error {
			broken, fresh = tx.NewID(now), tx.NewID(now.Add(time.Hour))
			for _, id := range []ident.ID{broken, fresh} {
				if err := evidence.Chunk(tx, id, 0, []byte("x")); err != nil {
					return err
				}
			}
			return evidence.Sweep(tx, now.Add(time.Minute))
		})
		update(t, db, func(tx *store.Tx) error {
			gone, err := evidence.Piece(tx, evidence.Blob{Upload: broken}, 0)
			if err != nil {
				return err
			}
			left, err := evidence.Piece(tx, evidence.Blob{Upload: fresh}, 0)
			if gone != nil || left == nil || text(t, tx, "sum") != "one two three" {
				t.Errorf("gone %q, left %q", gone, left)
			}
			return err
		})
	})
}
