package store

import "context"

// The one table. A row is one change of one key, and its id is the etcd revision, cluster-wide: nothing is ever updated in
// place but compact_rev_key, whose prev_revision says up to where history has been cut.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS kine (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		name TEXT, created INTEGER, deleted INTEGER,
		create_revision INTEGER, prev_revision INTEGER, lease INTEGER,
		value BLOB, old_value BLOB)`,
	`CREATE UNIQUE INDEX IF NOT EXISTS k8s_dqlite_name_del_index ON kine (name, id DESC, deleted)`,
	`INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value, old_value)
	 SELECT 'compact_rev_key', 1, 0, 0, 0, 0, x'', NULL
	 WHERE NOT EXISTS (SELECT 1 FROM kine WHERE name = 'compact_rev_key')`,
	`PRAGMA user_version = 65536`, // schema 1.0, major << 16
}

// Setup creates the table. Every node runs it at start; the statements are safe to repeat, and a node that loses the race for
// the writer tries again like any other write.
func (s *Store) Setup(ctx context.Context) error {
	for _, statement := range schema {
		if _, err := s.exec(ctx, "", statement); err != nil {
			return err
		}
	}
	return nil
}
