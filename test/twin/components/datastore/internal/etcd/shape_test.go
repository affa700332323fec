package etcd

import (
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
)

func whenMod(key string, revision int64) []*pb.Compare {
	return []*pb.Compare{{
		Key: []byte(key), Target: pb.Compare_MOD, TargetUnion: &pb.Compare_ModRevision{ModRevision: revision},
	}}
}

func put(key, value string) []*pb.RequestOp {
	return []*pb.RequestOp{{Request: &pb.RequestOp_RequestPut{RequestPut: &pb.PutRequest{Key: []byte(key), Value: []byte(value), Lease: 3}}}}
}

func get(key string) []*pb.RequestOp {
	return []*pb.RequestOp{{Request: &pb.RequestOp_RequestRange{RequestRange: &pb.RangeRequest{Key: []byte(key)}}}}
}

func del(key string) []*pb.RequestOp {
	return []*pb.RequestOp{{Request: &pb.RequestOp_RequestDeleteRange{RequestDeleteRange: &pb.DeleteRangeRequest{Key: []byte(key)}}}}
}

func TestShapes(t *testing.T) {
	version := []*pb.Compare{{Key: []byte(compactKey), Target: pb.Compare_VERSION, TargetUnion: &pb.Compare_Version{}}}
	for name, test := range map[string]struct {
		request *pb.TxnRequest
		want    operation
	}{
		"create":               {&pb.TxnRequest{Compare: whenMod("/a", 0), Success: put("/a", "v")}, create},
		"create with get":      {&pb.TxnRequest{Compare: whenMod("/a", 0), Success: put("/a", "v"), Failure: get("/a")}, create},
		"update":               {&pb.TxnRequest{Compare: whenMod("/a", 9), Success: put("/a", "v"), Failure: get("/a")}, update},
		"delete":               {&pb.TxnRequest{Compare: whenMod("/a", 9), Success: del("/a"), Failure: get("/a")}, remove},
		"compact":              {&pb.TxnRequest{Compare: version, Success: put(compactKey, "0"), Failure: get(compactKey)}, compact},
		"put without compare":  {&pb.TxnRequest{Success: put("/a", "v")}, unknown},
		"put of another key":   {&pb.TxnRequest{Compare: whenMod("/a", 9), Success: put("/b", "v")}, unknown},
		"get of another key":   {&pb.TxnRequest{Compare: whenMod("/a", 9), Success: put("/a", "v"), Failure: get("/b")}, unknown},
		"version of other key": {&pb.TxnRequest{Compare: version, Success: put("/a", "0"), Failure: get("/a")}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			if got := shapeOf(test.request); got.operation != test.want {
				t.Fatalf("%+v", got)
			}
		})
	}
}
