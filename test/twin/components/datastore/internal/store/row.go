package store

import "database/sql"

// Row is one change of one key.
type Row struct {
	Revision       int64
	Key            string
	Created        bool
	Deleted        bool
	CreateRevision int64
	PrevRevision   int64
	Lease          int64
	Value          []byte
	PrevValue      []byte
}

// columns must stay in the order of scanRow. A created row cannot know its own id while it is inserted, hence the CASE.
const columns = `id, name, created, deleted, CASE WHEN created = 1 THEN id ELSE create_revision END,
	prev_revision, lease, value, old_value`

func scanRow(rows *sql.Rows) (Row, error) {
	var row Row
	err := rows.Scan(&row.Revision, &row.Key, &row.Created, &row.Deleted, &row.CreateRevision,
		&row.PrevRevision, &row.Lease, &row.Value, &row.PrevValue)
	return row, err
}

func scanInt(rows *sql.Rows) (int64, error) {
	var n int64
	err := rows.Scan(&n)
	return n, err
}

// bounds turns an etcd key range into a half-open interval of names. A single key is the interval that holds only it.
func bounds(key, end string) (from, to []byte) {
	if end == "" {
		end = key + "\x00"
	}
	return []byte(key), []byte(end)
}
