// Command k8s-dqlite is a small stand-in for Canonical's program of that name, written from its published behaviour and for use
// in test machines only. See readme.md for what it reproduces, what it leaves out, and why it exists.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"quorate.test/twin/datastore/internal/etcd"
	"quorate.test/twin/datastore/internal/feed"
	"quorate.test/twin/datastore/internal/node"
	"quorate.test/twin/datastore/internal/store"
	"quorate.test/twin/datastore/internal/upkeep"
)

// shutdownBudget is how long handover and closing may take after SIGTERM.
const shutdownBudget = 30 * time.Second

func main() {
	chosen, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	running, err := start(ctx, stop, chosen)
	if err != nil {
		logrus.WithError(err).Fatal("failed to create server")
	}
	<-ctx.Done()
	stop() // a second signal kills
	running.shutdown()
	logrus.Info("k8s-dqlite server shutdown")
}

// instance is a node that serves.
type instance struct {
	member *node.Node
	server *grpc.Server
}

func start(ctx context.Context, terminate func(), chosen settings) (*instance, error) {
	tuning, err := node.ReadTuning(chosen.storageDir)
	if err != nil {
		return nil, err
	}
	member, err := node.Start(ctx, chosen.storageDir, chosen.enableTLS, tuning)
	if err != nil {
		return nil, err
	}
	db, err := member.Open(ctx, chosen.pool)
	if err != nil {
		return nil, err
	}
	var changes *feed.Feed
	rows := store.New(db, func() { changes.Notify() })
	if err := rows.Setup(ctx); err != nil {
		return nil, fmt.Errorf("failed to setup db: %w", err)
	}
	// The feed begins where history begins, so a fresh process first goes through the last minutes again.
	compact, _, err := rows.Revisions(ctx)
	if err != nil {
		return nil, err
	}
	changes = feed.New(rows, compact, feed.Options{
		Interval: either(tuning.PollInterval, time.Second), QueryTimeout: chosen.queryTimeout,
		OnError: func(err error) { logrus.Errorf("fail to list latest changes: %v", err) },
	})
	listener, err := listenOn(chosen.listen)
	if err != nil {
		return nil, err
	}
	server := etcd.New(rows, changes, chosen.progressInterval)
	go changes.Run(ctx)
	go upkeep.Expire(ctx, rows, changes)
	go upkeep.Compact(ctx, rows, either(tuning.CompactInterval, 5*time.Minute), member.IsLeader)
	go func() {
		if err := server.Serve(listener); err != nil {
			logrus.WithError(err).Fatal("server failed to start")
		}
	}()
	if chosen.metrics {
		go serveMetrics(chosen.metricsListen)
	}
	logrus.Infof("k8s-dqlite listening on %s", chosen.listen)
	logrus.WithField("address", chosen.listen).Info("started k8s-dqlite server")
	disk := upkeep.Disk{
		Dir: chosen.storageDir, Interval: chosen.diskInterval, MinBytes: chosen.diskMinBytes, Action: chosen.lowDiskAction,
	}
	go disk.Watch(ctx, member.Handover, terminate)
	return &instance{member, server}, nil
}

func serveMetrics(address string) {
	routes := http.NewServeMux()
	routes.Handle("/metrics", promhttp.Handler())
	if err := http.ListenAndServe(address, routes); err != nil {
		logrus.WithError(err).Error("metrics endpoint failed")
	}
}

// shutdown gives leadership away before anything is closed, so that the others need no election. Past the budget it leaves
// anyway: a stop that never ends would be killed, at a worse moment.
func (i *instance) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownBudget)
	defer cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if err := i.member.Handover(ctx); err != nil {
			logrus.WithError(err).Errorf("failed to handover dqlite: %v", err)
		}
		i.server.Stop()
		if err := i.member.Close(); err != nil {
			logrus.WithError(err).Error("failed to close dqlite")
		}
	}()
	select {
	case <-closed:
	case <-ctx.Done():
		logrus.Error("shutdown took too long")
	}
}

func either(chosen *time.Duration, standard time.Duration) time.Duration {
	if chosen != nil {
		return *chosen
	}
	return standard
}
