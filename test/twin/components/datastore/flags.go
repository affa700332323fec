package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"quorate.test/twin/datastore/internal/node"
)

// settings are the flags, with k8s-dqlite's names and defaults. An unknown flag stops the program, as it does there: a tool that
// edits the arguments file must find that out on the twin, not in production.
type settings struct {
	storageDir, listen, logLevel, metricsListen, lowDiskAction string
	enableTLS, metrics, debug                                  bool
	queryTimeout, progressInterval, diskInterval               time.Duration
	diskMinBytes                                               uint64
	pool                                                       node.Pool
}

// queryTimeoutMin is k8s-dqlite's own floor.
const queryTimeoutMin = 5 * time.Second

func parseFlags(arguments []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("k8s-dqlite", flag.ContinueOnError)
	flags.StringVar(&s.storageDir, "storage-dir", "/var/tmp/k8s-dqlite", "directory of the dqlite files")
	flags.StringVar(&s.listen, "listen", "tcp://127.0.0.1:12379", "etcd endpoint, tcp:// or unix://; a socket's file name may hold a colon")
	flags.BoolVar(&s.enableTLS, "enable-tls", true, "mutual TLS between members, with cluster.crt and cluster.key")
	flags.StringVar(&s.logLevel, "log-level", "info", "trace|debug|info|warning|error")
	flags.BoolVar(&s.debug, "debug", false, "deprecated: --log-level=debug")
	flags.BoolVar(&s.metrics, "metrics", false, "serve /metrics")
	flags.StringVar(&s.metricsListen, "metrics-listen", "127.0.0.1:9042", "address of /metrics")
	flags.IntVar(&s.pool.MaxIdle, "datastore-max-idle-connections", 5, "idle SQL connections kept")
	flags.IntVar(&s.pool.MaxOpen, "datastore-max-open-connections", 5, "SQL connections at most")
	flags.DurationVar(&s.pool.MaxLifetime, "datastore-connection-max-lifetime", time.Minute, "age at which a connection is replaced")
	flags.DurationVar(&s.pool.MaxIdleTime, "datastore-connection-max-idle-time", 0, "idle time after which a connection is closed")
	flags.DurationVar(&s.queryTimeout, "watch-query-timeout", 20*time.Second, "timeout of one poll query, at least 5s")
	flags.DurationVar(&s.progressInterval, "watch-progress-notify-interval", 5*time.Second, "period of watch progress")
	flags.DurationVar(&s.diskInterval, "watch-storage-available-size-interval", 5*time.Second, "period of the disk space check")
	flags.Uint64Var(&s.diskMinBytes, "watch-storage-available-size-min-bytes", 10<<20, "free bytes that must be left")
	flags.StringVar(&s.lowDiskAction, "low-available-storage-action", "none", "none|handover|terminate")
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	s.queryTimeout = max(s.queryTimeout, queryTimeoutMin)
	level, err := logrus.ParseLevel(s.logLevel)
	if err != nil {
		return s, err
	}
	if s.debug {
		level = logrus.DebugLevel
	}
	logrus.SetLevel(level)
	return s, nil
}

// endpoint splits at the scheme only. "unix:///run/kine.sock:12379" is the file "kine.sock:12379", not a port.
func endpoint(address string) (network, target string, err error) {
	network, target, found := strings.Cut(address, "://")
	if !found || target == "" || (network != "tcp" && network != "unix") {
		return "", "", fmt.Errorf("cannot listen on %q: want tcp://host:port or unix:///path", address)
	}
	return network, target, nil
}

// listenOn removes a socket that a killed predecessor left behind; one process per storage directory is dqlite's own rule.
func listenOn(address string) (net.Listener, error) {
	network, target, err := endpoint(address)
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	listener, err := net.Listen(network, target)
	if err == nil && network == "unix" {
		err = os.Chmod(target, 0o660)
	}
	return listener, err
}
