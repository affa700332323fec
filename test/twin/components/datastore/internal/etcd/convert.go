package etcd

import (
	"go.etcd.io/etcd/api/v3/mvccpb"
	"quorate.test/twin/datastore/internal/store"
)

func keyValue(row store.Row) *mvccpb.KeyValue {
	return &mvccpb.KeyValue{
		Key: []byte(row.Key), Value: row.Value, Lease: row.Lease,
		CreateRevision: row.CreateRevision, ModRevision: row.Revision, Version: keyVersion(row),
	}
}

// keyVersion is not counted in the table. 1 for a new key is what clients test for; beyond that nobody reads it.
func keyVersion(row store.Row) int64 {
	if row.CreateRevision == row.Revision {
		return 1
	}
	return 2
}

func keyValues(rows []store.Row, keysOnly bool) []*mvccpb.KeyValue {
	found := make([]*mvccpb.KeyValue, 0, len(rows))
	for _, row := range rows {
		if keysOnly {
			row.Value = nil
		}
		found = append(found, keyValue(row))
	}
	return found
}

// event always carries the previous value: the row has it, and kube-apiserver takes an update without one for an error.
func event(row store.Row) *mvccpb.Event {
	change := &mvccpb.Event{Type: mvccpb.PUT, Kv: keyValue(row)}
	if row.Deleted {
		change.Type = mvccpb.DELETE
		change.Kv = &mvccpb.KeyValue{Key: []byte(row.Key), ModRevision: row.Revision}
	}
	if !row.Created {
		change.PrevKv = &mvccpb.KeyValue{
			Key: []byte(row.Key), Value: row.PrevValue,
			CreateRevision: row.CreateRevision, ModRevision: row.PrevRevision,
		}
	}
	return change
}

func events(rows []store.Row) []*mvccpb.Event {
	changes := make([]*mvccpb.Event, 0, len(rows))
	for _, row := range rows {
		changes = append(changes, event(row))
	}
	return changes
}
