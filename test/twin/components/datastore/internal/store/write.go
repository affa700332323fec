package store

import "context"

const insert = `INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value, old_value) `

// Create adds a key that is not there. The revision is that of the new row; ok is false when the key exists.
func (s *Store) Create(ctx context.Context, key string, value []byte, lease int64) (revision int64, ok bool, err error) {
	return s.swap(ctx, "create_sql", insert+`
		SELECT ?, 1, 0, 0, COALESCE((SELECT MAX(id) FROM kine WHERE name = ?), 0), ?, ?, NULL
		WHERE NOT EXISTS (
			SELECT 1 FROM kine WHERE id = (SELECT MAX(id) FROM kine WHERE name = ?) AND deleted = 0)`,
		key, key, lease, value, key)
}

// Update replaces the value of a key whose last change is exactly the given revision.
func (s *Store) Update(ctx context.Context, key string, value []byte, expected, lease int64) (revision int64, ok bool, err error) {
	return s.swap(ctx, "update_sql", insert+`
		SELECT name, 0, 0, CASE WHEN created = 1 THEN id ELSE create_revision END, id, ?, ?, value FROM kine
		WHERE id = (SELECT MAX(id) FROM kine WHERE name = ?) AND id = ? AND deleted = 0`,
		lease, value, key, expected)
}

// Delete adds the tombstone of a key whose last change is exactly the given revision.
func (s *Store) Delete(ctx context.Context, key string, expected int64) (revision int64, ok bool, err error) {
	return s.swap(ctx, "delete_sql", insert+`
		SELECT name, 0, 1, CASE WHEN created = 1 THEN id ELSE create_revision END, id, 0, NULL, value FROM kine
		WHERE id = (SELECT MAX(id) FROM kine WHERE name = ?) AND id = ? AND deleted = 0`,
		key, expected)
}

// swap runs one INSERT … SELECT that finds its own precondition. One statement is one raft entry: no transaction is held open
// over the network, and the row id it was given is the revision.
func (s *Store) swap(ctx context.Context, tx, text string, args ...any) (int64, bool, error) {
	result, err := s.exec(ctx, tx, text, args...)
	if err != nil {
		return 0, false, err
	}
	changed, err := result.RowsAffected()
	if err != nil || changed == 0 {
		return 0, false, err
	}
	revision, err := result.LastInsertId()
	if err != nil {
		return 0, false, err
	}
	s.onWrite()
	return revision, true, nil
}
