package store

import (
	"context"
	"database/sql"
	"errors"
)

// ErrCompacted and ErrFuture are the two ways to ask for a revision that cannot be served.
var (
	ErrCompacted = errors.New("required revision has been compacted")
	ErrFuture    = errors.New("required revision is a future revision")
)

// within bounds the names. dqlite carries text as C strings, so a name that ends in NUL (the end of a single key, and where
// Kubernetes continues a paged list) would lose its end; a blob does not.
const within = `name >= CAST(? AS TEXT) AND name < CAST(? AS TEXT)`

// latest selects, per key of an interval, its last row at or below a revision, unless that row is a deletion.
const latest = ` FROM kine JOIN (
		SELECT MAX(id) AS last FROM kine WHERE ` + within + ` AND id <= ? GROUP BY name
	) ON id = last WHERE deleted = 0`

const revisionInterval = `SELECT
	COALESCE((SELECT MAX(prev_revision) FROM kine WHERE name = 'compact_rev_key'), 0),
	COALESCE((SELECT MAX(id) FROM kine), 0)`

// Revisions says from which revision on history is complete, and which revision is the current one.
func (s *Store) Revisions(ctx context.Context) (compact, current int64, err error) {
	type interval struct{ compact, current int64 }
	found, err := query(ctx, s, "revision_interval_sql", func(rows *sql.Rows) (i interval, err error) {
		return i, rows.Scan(&i.compact, &i.current)
	}, revisionInterval)
	if err != nil {
		return 0, 0, err
	}
	return found[0].compact, found[0].current, nil
}

// List is the answer to a range read: the rows, and the revision the store was at.
type List struct {
	Revision int64
	Rows     []Row
	More     bool
	Count    int64
}

// at settles which revision a read is made at. The rows are then bounded by it, so that no row is newer than the header.
func (s *Store) at(ctx context.Context, revision int64) (current, asked int64, err error) {
	compact, current, err := s.Revisions(ctx)
	switch {
	case err != nil:
		return 0, 0, err
	case revision == 0:
		return current, current, nil
	case revision > current:
		return current, revision, ErrFuture
	case revision < compact:
		return current, revision, ErrCompacted
	}
	return current, revision, nil
}

// Range lists the live keys of an interval at a revision (0: now), sorted by key. With a limit, Count still counts them all.
func (s *Store) Range(ctx context.Context, key, end string, limit, revision int64) (List, error) {
	current, asked, err := s.at(ctx, revision)
	if err != nil {
		return List{}, err
	}
	list := List{Revision: current}
	from, to := bounds(key, end)
	text, tx, args := `SELECT `+columns+latest+` ORDER BY name`, "list_revision_start_sql", []any{from, to, asked}
	if limit > 0 {
		text, tx, args = text+` LIMIT ?`, "list_revision_start_sql_limit", append(args, limit+1)
	}
	if list.Rows, err = query(ctx, s, tx, scanRow, text, args...); err != nil {
		return List{}, err
	}
	list.Count = int64(len(list.Rows))
	if limit > 0 && list.Count > limit {
		list.Rows, list.More = list.Rows[:limit], true
		list.Count, err = s.countAt(ctx, from, to, asked)
	}
	return list, err
}

// Count counts the live keys of an interval.
func (s *Store) Count(ctx context.Context, key, end string, revision int64) (List, error) {
	current, asked, err := s.at(ctx, revision)
	if err != nil {
		return List{}, err
	}
	from, to := bounds(key, end)
	count, err := s.countAt(ctx, from, to, asked)
	return List{Revision: current, Count: count}, err
}

func (s *Store) countAt(ctx context.Context, from, to []byte, revision int64) (int64, error) {
	found, err := query(ctx, s, "count_revision", scanInt, `SELECT COUNT(*)`+latest, from, to, revision)
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// After lists all changes after a revision, in order: what the poll loop asks every second.
func (s *Store) After(ctx context.Context, revision int64, limit int) ([]Row, error) {
	return query(ctx, s, "after_sql_limit", scanRow,
		`SELECT `+columns+` FROM kine WHERE id > ? ORDER BY id LIMIT ?`, revision, limit)
}

// Replay lists the changes of an interval in (after, upTo]: the past of a watch that starts below the present.
func (s *Store) Replay(ctx context.Context, key, end string, after, upTo int64) ([]Row, error) {
	from, to := bounds(key, end)
	return query(ctx, s, "after_sql_prefix", scanRow,
		`SELECT `+columns+` FROM kine WHERE `+within+` AND id > ? AND id <= ? ORDER BY id`, from, to, after, upTo)
}

// Leased lists the live keys that have a lease, up to a revision.
func (s *Store) Leased(ctx context.Context, revision int64) ([]Row, error) {
	return query(ctx, s, "ttl_sql", scanRow, `SELECT `+columns+latest+` AND lease > 0`, []byte("/"), []byte("0"), revision)
}

// Size is the size of the database in bytes, free pages left out.
func (s *Store) Size(ctx context.Context) (int64, error) {
	found, err := query(ctx, s, "get_size_sql", scanInt,
		`SELECT (page_count - freelist_count) * page_size
		 FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`)
	if err != nil {
		return 0, err
	}
	return found[0], nil
}
