package rotas

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Feed is a calendar that can be read with a secret address. Hash is
// secret.Hash of what the address holds.
type Feed struct {
	ID        ident.ID
	Hash      string
	Kind      string // person or schedule
	Subject   string // person or schedule id
	Owner     string // actor id
	CreatedAt time.Time
}

const (
	selFeed     = "select id, hash, kind, subject, owner, created_at from rota_feeds "
	qFeed       = selFeed + "where hash = $1"
	qFeedByID   = selFeed + "where id = $1"
	qFeeds      = selFeed + "where owner = $1 order by id"
	qInsertFeed = "insert into rota_feeds(id, hash, kind, subject, owner, created_at) values($1,$2,$3,$4,$5,$6)"
	qDropFeed   = "delete from rota_feeds where id = $1"
	qDropFeedOf = "delete from rota_feeds where owner = $1 and kind = $2 and subject = $3"
)

// SetFeed writes the owner's feed about a subject in place of the one before,
// whose address ends with it.
func SetFeed(tx *store.Tx, f *Feed) error {
	if _, err := tx.Exec(qDropFeedOf, f.Owner, f.Kind, f.Subject); err != nil {
		return err
	}
	f.ID = tx.NewID(f.CreatedAt)
	_, err := tx.Exec(qInsertFeed, int64(f.ID), f.Hash, f.Kind, f.Subject, f.Owner, store.Micros(f.CreatedAt))
	return err
}

// FeedByHash finds the feed of an address.
func FeedByHash(tx *store.Tx, hash string) (Feed, error) { return feed(tx, qFeed, hash) }

// GetFeed reads one feed.
func GetFeed(tx *store.Tx, id ident.ID) (Feed, error) { return feed(tx, qFeedByID, int64(id)) }

func feed(tx *store.Tx, query string, arg any) (f Feed, err error) {
	f, err = scanFeed(tx.QueryRow(query, arg))
	if store.NotFound(err) {
		err = fault.New(fault.NotFound, "there is no such calendar")
	}
	return f, err
}

// FeedsOf lists the owner's feeds.
func FeedsOf(tx *store.Tx, owner string) ([]Feed, error) {
	rows, err := tx.Query(qFeeds, owner)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Feed
	for rows.Next() {
		f, err := scanFeed(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// DropFeed ends a feed; its address is no longer known.
func DropFeed(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec(qDropFeed, int64(id))
	return err
}

func scanFeed(row interface{ Scan(dest ...any) error }) (f Feed, err error) {
	var id, at int64
	err = row.Scan(&id, &f.Hash, &f.Kind, &f.Subject, &f.Owner, &at)
	f.ID, f.CreatedAt = ident.ID(id), store.Time(at)
	return f, err
}
