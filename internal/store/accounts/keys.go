package accounts

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Key is an integration key: what a source presents to be let in, for one
// service and one kind of door.
type Key struct {
	ID        ident.ID
	Hash      string // secret.Hash of the key
	ServiceID string
	Kind      string // events | hooks
	Name      string
	Mapping   string // how a generic payload is read; empty for none
	Secret    string // of the source's signatures, sealed; empty for none
	CreatedBy string // actor id
	CreatedAt time.Time
}

const (
	selKey    = "select id, hash, service_id, kind, name, mapping, secret, created_by, created_at from integration_keys "
	allKeys   = selKey + "order by id"
	keyByID   = selKey + "where id = $1"
	keyPage   = selKey + "where id > $1 order by id limit $2"
	insertKey = "insert into integration_keys(id, hash, service_id, kind, name, mapping, secret, created_by, created_at) values($1,$2,$3,$4,$5,$6,$7,$8,$9)"
	mapKey    = "update integration_keys set mapping = $2 where id = $1"
	deleteKey = "delete from integration_keys where id = $1"
	// bumpKeys counts changes of the table, so that other processes notice.
	bumpKeys    = "insert into counters(name, value) values('integration_keys', 1) on conflict(name) do update set value = counters.value + 1"
	keysVersion = "select value from counters where name = 'integration_keys'"
)

func scanKey(row scanner) (*Key, error) {
	var k Key
	var id, created int64
	if err := row.Scan(&id, &k.Hash, &k.ServiceID, &k.Kind, &k.Name, &k.Mapping, &k.Secret, &k.CreatedBy, &created); err != nil {
		return nil, err
	}
	k.ID, k.CreatedAt = ident.ID(id), store.Time(created)
	return &k, nil
}

// AllKeys reads every key.
func AllKeys(tx *store.Tx) ([]*Key, error) { return all(tx, scanKey, allKeys) }

// KeysVersion grows with every change of any key.
func KeysVersion(tx *store.Tx) (int64, error) {
	var v int64
	err := tx.QueryRow(keysVersion).Scan(&v)
	if store.NotFound(err) {
		return 0, nil
	}
	return v, err
}

// GetKey reads a key by its id; nil when there is none.
func GetKey(tx *store.Tx, id ident.ID) (*Key, error) {
	return maybe(scanKey(tx.QueryRow(keyByID, int64(id))))
}

// ListKeys returns keys with ids after the given one, oldest first.
func ListKeys(tx *store.Tx, after ident.ID, limit int) ([]*Key, error) {
	return all(tx, scanKey, keyPage, int64(after), limit)
}

// InsertKey writes a new key whose id and instant are set.
func InsertKey(tx *store.Tx, k *Key) error {
	if _, err := tx.Exec(insertKey, int64(k.ID), k.Hash, k.ServiceID, k.Kind, k.Name, k.Mapping, k.Secret, k.CreatedBy, store.Micros(k.CreatedAt)); err != nil {
		return err
	}
	_, err := tx.Exec(bumpKeys)
	return err
}

// SetMapping changes how payloads of a key are read.
func SetMapping(tx *store.Tx, id ident.ID, mapping string) error {
	if _, err := tx.Exec(mapKey, int64(id), mapping); err != nil {
		return err
	}
	_, err := tx.Exec(bumpKeys)
	return err
}

// DeleteKey forgets a key.
func DeleteKey(tx *store.Tx, id ident.ID) error {
	if _, err := tx.Exec(deleteKey, int64(id)); err != nil {
		return err
	}
	_, err := tx.Exec(bumpKeys)
	return err
}
