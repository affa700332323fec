package store

import (
	"context"
	"fmt"
)

const (
	compactStep = 1000
	compactKeep = 100
)

// Compact cuts history up to 100 revisions before the present, in batches that each are one transaction.
func (s *Store) Compact(ctx context.Context) error {
	from, current, err := s.Revisions(ctx)
	if err != nil {
		return err
	}
	for from < current-compactKeep {
		to := min(from+compactStep, current-compactKeep)
		if err := s.compactBatch(ctx, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (s *Store) compactBatch(ctx context.Context, from, to int64) error {
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return retry(ctx, "exec", "delete_rev_sql", func() error {
		tx, err := s.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, cut := range cuts {
			if _, err := tx.ExecContext(ctx, cut, from, to); err != nil {
				if undo := tx.Rollback(); undo != nil {
					return fmt.Errorf("%w (and rollback: %v)", err, undo)
				}
				return err
			}
		}
		return tx.Commit()
	})
}

// A row goes when a later row of the batch replaced it, or when it is itself the tombstone of its key.
var cuts = []string{
	`DELETE FROM kine WHERE name != 'compact_rev_key' AND id IN (
		SELECT prev_revision FROM kine WHERE name != 'compact_rev_key' AND prev_revision != 0 AND id > ? AND id <= ?)`,
	`DELETE FROM kine WHERE deleted = 1 AND id > ? AND id <= ?`,
	`UPDATE kine SET prev_revision = MAX(prev_revision, ?, ?) WHERE name = 'compact_rev_key'`,
}
