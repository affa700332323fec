package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// watchMethod is the only one that is ever held.
const watchMethod = "/etcdserverpb.Watch/Watch"

type proxy struct {
	target *grpc.ClientConn
	gate   *gate
	limit  int // bytes held per stream
}

var anyStream = &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}

// forward carries one call of any method, unary or streaming, in both directions until either side ends it.
func (p *proxy) forward(_ any, client grpc.ServerStream) error {
	method, ok := grpc.MethodFromServerStream(client)
	if !ok {
		return status.Error(codes.Internal, "a stream without a method")
	}
	ctx, cancel := context.WithCancel(client.Context())
	defer cancel()
	if sent, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, sent.Copy())
	}
	server, err := p.target.NewStream(ctx, anyStream, method)
	if err != nil {
		return err
	}
	go upstream(client, server, cancel)

	held := newQueue(p.limit)
	go downstream(ctx, server, held)
	return p.deliver(ctx, method, client, server, held)
}

// upstream is the client's half. Its end is not the call's end: the server may still have much to say.
func upstream(client grpc.ServerStream, server grpc.ClientStream, cancel func()) {
	for {
		one := &frame{}
		err := client.RecvMsg(one)
		if errors.Is(err, io.EOF) {
			_ = server.CloseSend()
			return
		}
		if err == nil {
			err = server.SendMsg(one)
		}
		if errors.Is(err, io.EOF) {
			return // the server ended the call; its status comes by the other way
		}
		if err != nil {
			cancel()
			return
		}
	}
}

func downstream(ctx context.Context, server grpc.ClientStream, held *queue) {
	for {
		one := &frame{}
		if err := server.RecvMsg(one); err != nil {
			held.end(err)
			return
		}
		if err := held.put(ctx, one); err != nil {
			held.end(err)
			return
		}
	}
}

func (p *proxy) deliver(ctx context.Context, method string, client grpc.ServerStream, server grpc.ClientStream, held *queue) error {
	headers, err := server.Header()
	if err == nil {
		_ = client.SetHeader(headers)
	}
	for {
		one, err := held.take(ctx)
		if err != nil {
			client.SetTrailer(server.Trailer())
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if method == watchMethod {
			if err := p.gate.wait(ctx); err != nil {
				return err
			}
		}
		if err := client.SendMsg(one); err != nil {
			return err
		}
	}
}
