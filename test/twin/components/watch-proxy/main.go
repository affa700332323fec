// Command watch-proxy stands between kube-apiserver and its datastore and can hold what the datastore sends on watch streams,
// while unary calls and HTTP/2 pings pass. To the apiserver that is a datastore whose watches are dead and whose health is
// perfect: the silent freeze, switched on and off by a file.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

func main() {
	listen := flag.String("listen", "", "tcp://host:port or unix:///path; a socket's file name may hold a colon")
	target := flag.String("target", "", "the datastore, in the same form")
	holdFile := flag.String("hold-file", "", "watch streams are held while this file exists")
	limit := flag.Int("hold-bytes", 64<<20, "bytes held per stream before its reads pause")
	flag.Parse()
	if err := run(*listen, *target, *holdFile, *limit); err != nil {
		log.Fatal(err)
	}
}

func run(listen, target, holdFile string, limit int) error {
	listener, err := listenOn(listen)
	if err != nil {
		return err
	}
	conn, err := dial(target)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	p := &proxy{target: conn, gate: newGate(holdFile), limit: limit}
	go p.gate.follow(ctx, func(open bool) {
		log.Printf("watch streams %s", map[bool]string{true: "released", false: "held"}[open])
	})
	server := grpc.NewServer(
		grpc.ForceServerCodec(rawCodec{}),
		grpc.UnknownServiceHandler(p.forward),
		grpc.MaxRecvMsgSize(math.MaxInt32),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second}),
	)
	go func() {
		<-ctx.Done()
		server.Stop()
	}()
	log.Printf("watch-proxy from %s to %s", listen, target)
	return server.Serve(listener)
}

// dial never blocks: a datastore that is down answers each call with Unavailable, as it does without a proxy. The pings have
// kube-apiserver's own numbers, because the apiserver's pings end here and a stopped datastore would go unnoticed.
func dial(target string) (*grpc.ClientConn, error) {
	network, address, err := endpoint(target)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient("passthrough:///datastore",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(math.MaxInt32)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithIdleTimeout(0),
		// A datastore that comes back must be found at once: grpc's own backoff would hide it for up to two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 500 * time.Millisecond},
			MinConnectTimeout: 5 * time.Second,
		}),
	)
}

// endpoint splits at the scheme only. "unix:///run/kine.sock:12379" is the file "kine.sock:12379", not a port.
func endpoint(address string) (network, path string, err error) {
	network, path, found := strings.Cut(address, "://")
	if !found || path == "" || (network != "tcp" && network != "unix") {
		return "", "", fmt.Errorf("cannot use %q: want tcp://host:port or unix:///path", address)
	}
	return network, path, nil
}

func listenOn(address string) (net.Listener, error) {
	network, path, err := endpoint(address)
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	return net.Listen(network, path)
}
