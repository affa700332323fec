// Package store keeps Kubernetes keys in the append-only kine table. It knows SQL and retries; it knows neither etcd messages
// nor watches. Every statement, read or write, runs on the raft leader, because that is what the dqlite driver does.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/canonical/go-dqlite/v3/driver"
	"quorate.test/twin/datastore/internal/metrics"
)

// retriesMax bounds the loop on a busy writer. There is deliberately no sleep between tries: that is the published behaviour,
// and it makes the retries part of the load ("try: 500" is a second or two of contention, not 500 waits).
const retriesMax = 500

// Store is the kine table behind a dqlite connection pool.
type Store struct {
	db *sql.DB
	// writer lets one write of this process through at a time, so that contention is between nodes, not within one.
	writer  chan struct{}
	onWrite func()
}

// New wraps an open database. onWrite is called after each local write that took effect, to wake the poll loop.
func New(db *sql.DB, onWrite func()) *Store {
	return &Store{db: db, writer: make(chan struct{}, 1), onWrite: onWrite}
}

// retry runs one statement until it succeeds, fails for good, or the tries are used up. Once the caller's context is over its
// error is reported as that of the context, whatever the driver made of it: the poll loop's fate hangs on the difference.
func retry(ctx context.Context, verb, tx string, statement func() error) error {
	var err error
	try := 0
	for ; ; try++ {
		start := time.Now()
		err = statement()
		if tx != "" {
			metrics.Statement(tx, start, err)
		}
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		if try >= retriesMax || !retryable(err) {
			break
		}
	}
	if tx != "" {
		metrics.Transaction(tx, err)
	}
	if err != nil {
		return fmt.Errorf("%s (try: %d): %w", verb, try, err)
	}
	return nil
}

func retryable(err error) bool {
	var sqlite driver.Error
	if errors.As(err, &sqlite) && sqlite.Code == driver.ErrBusy {
		return true
	}
	for _, text := range []string{
		"database is locked", "cannot start a transaction within a transaction", "bad connection", "checkpoint in progress",
	} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

func query[T any](ctx context.Context, s *Store, tx string, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	var found []T
	err := retry(ctx, "query", tx, func() error {
		found = found[:0]
		rows, err := s.db.QueryContext(ctx, text, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return err
			}
			found = append(found, one)
		}
		return rows.Err()
	})
	return found, err
}

func (s *Store) exec(ctx context.Context, tx, text string, args ...any) (sql.Result, error) {
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return nil, fmt.Errorf("exec (try: 0): %w", ctx.Err())
	}
	var result sql.Result
	err := retry(ctx, "exec", tx, func() (err error) {
		result, err = s.db.ExecContext(ctx, text, args...)
		return err
	})
	return result, err
}
