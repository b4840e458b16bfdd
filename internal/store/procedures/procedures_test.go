package procedures_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestVersionsAreListedNewestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		start := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
		shelf := &procedures.Shelf{}
		var hashes []string
		for i := range 5 {
			body := bytes.Replace(builtin.TechFlow, []byte(`"3.2"`), fmt.Appendf(nil, `"4.%d"`, i), 1)
			at := start.Add(time.Duration(i/2) * time.Hour) // some at the same instant
			err := db.Update(context.Background(), store.PriorityRest, func(tx *store.Tx) error {
				hash, err := shelf.Put(tx, body, at)
				hashes = append(hashes, hash)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := db.View(context.Background(), func(tx *store.Tx) error {
			seen := map[string]bool{}
			var last procedures.Version
			for {
				page, err := shelf.Versions(tx, last, 2)
				if err != nil || len(page) == 0 {
					if len(seen) != len(hashes) {
						t.Errorf("%d of %d seen", len(seen), len(hashes))
					}
					_, gone := shelf.Version(tx, "none")
					if !fault.Is(gone, fault.NotFound) {
						t.Errorf("got %v", gone)
					}
					return err
				}
				for _, v := range page {
					if seen[v.Hash] || last.Hash != "" && v.CreatedAt.After(last.CreatedAt) {
						t.Errorf("%+v after %+v", v, last)
					}
					one, err := shelf.Version(tx, v.Hash)
					if err != nil || one != v {
						t.Errorf("%+v, %v; want %+v", one, err, v)
					}
					seen[v.Hash], last = true, v
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
