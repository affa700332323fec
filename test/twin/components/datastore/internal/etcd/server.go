// Package etcd answers the part of the etcd API that kube-apiserver uses, in the shapes it uses. Everything else (put and
// delete without a comparison, members, alarms, auth) is refused, as k8s-dqlite refuses it.
package etcd

import (
	"context"
	"math"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"quorate.test/twin/datastore/internal/feed"
	"quorate.test/twin/datastore/internal/store"
)

// version is the one k8s-dqlite reports from 1.6 on. kube-apiserver asks for watch progress only from 3.5.13.
const version = "3.5.13"

// New makes a gRPC server with etcd's own keepalive limits: pings are answered by the transport even when watches are dead.
func New(rows *store.Store, changes *feed.Feed, progressInterval time.Duration) *grpc.Server {
	server := grpc.NewServer(
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 2 * time.Hour, Timeout: 20 * time.Second}),
		grpc.MaxRecvMsgSize(math.MaxInt32),
	)
	pb.RegisterKVServer(server, &kv{rows: rows})
	pb.RegisterWatchServer(server, &watch{rows: rows, feed: changes, progressInterval: progressInterval})
	pb.RegisterLeaseServer(server, &lease{})
	pb.RegisterMaintenanceServer(server, &maintenance{rows: rows})
	return server
}

func header(revision int64) *pb.ResponseHeader { return &pb.ResponseHeader{Revision: revision} }

// lease hands out the TTL as the id: there is nothing to keep alive, the id alone says when a key expires.
type lease struct{ pb.UnimplementedLeaseServer }

func (*lease) LeaseGrant(_ context.Context, request *pb.LeaseGrantRequest) (*pb.LeaseGrantResponse, error) {
	return &pb.LeaseGrantResponse{Header: header(0), ID: request.TTL, TTL: request.TTL}, nil
}

type maintenance struct {
	pb.UnimplementedMaintenanceServer
	rows *store.Store
}

func (m *maintenance) Status(ctx context.Context, _ *pb.StatusRequest) (*pb.StatusResponse, error) {
	size, err := m.rows.Size(ctx)
	if err != nil {
		return nil, err
	}
	return &pb.StatusResponse{Header: header(0), Version: version, DbSize: size, DbSizeInUse: size}, nil
}
