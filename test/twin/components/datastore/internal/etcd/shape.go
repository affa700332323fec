package etcd

import (
	"bytes"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
)

type operation int

const (
	unknown operation = iota
	create
	update
	remove
	compact
)

// shape is one of the four transactions that Kubernetes sends, read from the general etcd form.
type shape struct {
	operation operation
	key       string
	value     []byte
	lease     int64
	expected  int64 // the revision that the key must be at
	getOnFail bool  // answer a lost race with the current value
}

const compactKey = "compact_rev_key"

// shapeOf recognises a transaction, or says unknown. There is no general evaluator behind it, so what is not recognised must be
// refused rather than approximated.
func shapeOf(request *pb.TxnRequest) shape {
	if len(request.Compare) != 1 || len(request.Success) != 1 || len(request.Failure) > 1 {
		return shape{}
	}
	compare, then := request.Compare[0], request.Success[0]
	if compare.Result != pb.Compare_EQUAL || len(compare.RangeEnd) > 0 {
		return shape{}
	}
	found := shape{key: string(compare.Key), getOnFail: len(request.Failure) == 1}
	if found.getOnFail && !readsKey(request.Failure[0], compare.Key) {
		return shape{}
	}
	put, deletion := then.GetRequestPut(), then.GetRequestDeleteRange()
	switch {
	case put != nil && !bytes.Equal(put.Key, compare.Key):
		return shape{}
	case put != nil && compare.Target == pb.Compare_VERSION && found.key == compactKey && found.getOnFail:
		found.operation = compact
	case compare.Target != pb.Compare_MOD:
		return shape{}
	case put != nil:
		found.value, found.lease, found.expected = put.Value, put.Lease, compare.GetModRevision()
		found.operation = update
		if found.expected == 0 {
			found.operation = create
		}
	case deletion != nil && bytes.Equal(deletion.Key, compare.Key) && len(deletion.RangeEnd) == 0:
		found.operation, found.expected = remove, compare.GetModRevision()
	}
	return found
}

func readsKey(op *pb.RequestOp, key []byte) bool {
	read := op.GetRequestRange()
	return read != nil && bytes.Equal(read.Key, key) && len(read.RangeEnd) == 0
}
