package etcd

import (
	"context"
	"errors"
	"fmt"

	"github.com/sirupsen/logrus"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"quorate.test/twin/datastore/internal/store"
)

type kv struct {
	pb.UnimplementedKVServer
	rows *store.Store
}

// Range serves single keys, prefixes, counts and old revisions.
func (s *kv) Range(ctx context.Context, request *pb.RangeRequest) (*pb.RangeResponse, error) {
	response, err := s.read(ctx, request)
	switch {
	case errors.Is(err, store.ErrCompacted):
		return nil, rpctypes.ErrGRPCCompacted
	case errors.Is(err, store.ErrFuture):
		return nil, rpctypes.ErrGRPCFutureRev
	case err != nil:
		logrus.Errorf("error while range on %s %s: %v", request.Key, request.RangeEnd, err)
	}
	return response, err
}

func (s *kv) read(ctx context.Context, request *pb.RangeRequest) (*pb.RangeResponse, error) {
	key, end := string(request.Key), string(request.RangeEnd)
	var list store.List
	var err error
	if request.CountOnly {
		list, err = s.rows.Count(ctx, key, end, request.Revision)
	} else {
		list, err = s.rows.Range(ctx, key, end, request.Limit, request.Revision)
	}
	if err != nil {
		return nil, err
	}
	return &pb.RangeResponse{
		Header: header(list.Revision), Kvs: keyValues(list.Rows, request.KeysOnly), More: list.More, Count: list.Count,
	}, nil
}

// Txn serves the four shapes of Kubernetes.
func (s *kv) Txn(ctx context.Context, request *pb.TxnRequest) (*pb.TxnResponse, error) {
	want := shapeOf(request)
	if want.operation == unknown {
		return nil, status.Errorf(codes.InvalidArgument, "etcdserver: unsupported transaction: %v", request.Compare)
	}
	response, err := s.apply(ctx, want)
	if err != nil {
		logrus.Errorf("error in txn: %v", err)
	}
	return response, err
}

func (s *kv) apply(ctx context.Context, want shape) (*pb.TxnResponse, error) {
	var revision int64
	var ok bool
	var err error
	done := &pb.ResponseOp{Response: &pb.ResponseOp_ResponsePut{ResponsePut: &pb.PutResponse{}}}
	name := ""
	switch want.operation {
	case create:
		name = "create"
		revision, ok, err = s.rows.Create(ctx, want.key, want.value, want.lease)
	case update:
		name = "update"
		revision, ok, err = s.rows.Update(ctx, want.key, want.value, want.expected, want.lease)
	case remove:
		name = "delete"
		revision, ok, err = s.rows.Delete(ctx, want.key, want.expected)
		done.Response = &pb.ResponseOp_ResponseDeleteRange{ResponseDeleteRange: &pb.DeleteRangeResponse{Deleted: 1}}
	case compact:
		// The apiserver would like to compact. The datastore does that itself, so it says that another one was faster.
		return s.lost(ctx, want)
	}
	if err != nil {
		return nil, fmt.Errorf("%s transaction failed for key %s: %w", name, want.key, err)
	}
	if !ok {
		return s.lost(ctx, want)
	}
	switch response := done.Response.(type) {
	case *pb.ResponseOp_ResponsePut:
		response.ResponsePut.Header = header(revision)
	case *pb.ResponseOp_ResponseDeleteRange:
		response.ResponseDeleteRange.Header = header(revision)
	}
	return &pb.TxnResponse{Header: header(revision), Succeeded: true, Responses: []*pb.ResponseOp{done}}, nil
}

// lost answers a transaction whose comparison did not hold, with the current value when the client asked for it.
func (s *kv) lost(ctx context.Context, want shape) (*pb.TxnResponse, error) {
	current, err := s.read(ctx, &pb.RangeRequest{Key: []byte(want.key)})
	if err != nil {
		return nil, err
	}
	response := &pb.TxnResponse{Header: current.Header}
	if want.getOnFail {
		response.Responses = []*pb.ResponseOp{{Response: &pb.ResponseOp_ResponseRange{ResponseRange: current}}}
	}
	return response, nil
}
