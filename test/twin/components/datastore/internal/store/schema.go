package store

import (
	"context"
	"time"
)

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
	`PRAGMA user_version = 65536`, // schemaVersion
}

// schemaVersion is 1.0, as major << 16. It is written last, so a database that has it has everything.
const schemaVersion = 65536

const (
	setupTries = 60
	setupPause = 500 * time.Millisecond
)

// Setup creates the table if it is not there. A node that comes back must not need the writer for that: nodes are restarted just
// when the writer is contended. On the very first start several nodes may race, so here, and only here, a busy writer is
// waited for.
func (s *Store) Setup(ctx context.Context) error {
	for try := 1; ; try++ {
		err := s.setup(ctx)
		if err == nil || try == setupTries || !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(setupPause):
		}
	}
}

func (s *Store) setup(ctx context.Context) error {
	version, err := query(ctx, s, "", scanInt, `PRAGMA user_version`)
	if err != nil || (len(version) == 1 && version[0] == schemaVersion) {
		return err
	}
	for _, statement := range schema {
		if _, err := s.exec(ctx, "", statement); err != nil {
			return err
		}
	}
	return nil
}
