package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver of the bare loop
)

// The bare loop: HTTP, JSON, an event row and an alert upsert, durable in
// groups. It is the limit the product is measured against, with no product in
// it.

type bareEvent struct {
	RoutingKey  string `json:"routing_key"`
	EventAction string `json:"event_action"`
	DedupKey    string `json:"dedup_key"`
	Payload     struct {
		Summary  string `json:"summary"`
		Source   string `json:"source"`
		Severity string `json:"severity"`
	} `json:"payload"`
}

type bareTicket struct {
	event bareEvent
	body  string
	done  chan error
}

type bareLoop struct {
	db   *sql.DB
	mu   sync.Mutex
	wait []*bareTicket
	wake chan struct{}
}

func bare(address string) error {
	dir, err := os.MkdirTemp("", "bare")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{"create table events(id integer primary key, at integer not null, body text not null)", "create table alerts(key text primary key, count integer not null, severity text not null, summary text not null)"} {
		if _, err := db.Exec(q); err != nil {
			return err
		}
	}
	b := &bareLoop{db: db, wake: make(chan struct{}, 1)}
	go b.commit()
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: b, ReadHeaderTimeout: 5 * time.Second}
	return srv.Serve(l)
}

// ServeHTTP answers when the event is durable.
func (b *bareLoop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		return // asked whether it is there
	}
	var raw json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t := &bareTicket{body: string(raw), done: make(chan error, 1)}
	if err := json.Unmarshal(raw, &t.event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	b.wait = append(b.wait, t)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
	if err := <-t.done; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "success", "message": "Event processed", "dedup_key": t.event.DedupKey})
}

func (b *bareLoop) commit() {
	for range b.wake {
		for {
			b.mu.Lock()
			batch := b.wait
			b.wait = nil
			b.mu.Unlock()
			if len(batch) == 0 {
				break
			}
			err := b.write(batch)
			for _, t := range batch {
				t.done <- err
			}
		}
	}
}

func (b *bareLoop) write(batch []*bareTicket) error {
	ctx := context.Background()
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit this does nothing
	event, err := tx.PrepareContext(ctx, "insert into events(at, body) values(?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = event.Close() }() // with the transaction at the latest
	alert, err := tx.PrepareContext(ctx, "insert into alerts(key, count, severity, summary) values(?, 1, ?, ?) on conflict(key) do update set count = count + 1, severity = excluded.severity, summary = excluded.summary")
	if err != nil {
		return err
	}
	defer func() { _ = alert.Close() }()
	for _, t := range batch {
		if _, err := event.ExecContext(ctx, time.Now().UnixMicro(), t.body); err != nil {
			return err
		}
		if _, err := alert.ExecContext(ctx, t.event.DedupKey, t.event.Payload.Severity, t.event.Payload.Summary); err != nil {
			return err
		}
	}
	return tx.Commit()
}
