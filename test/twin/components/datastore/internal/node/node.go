// Package node runs the real dqlite under the datastore: raft, roles, membership files and TLS all come from go-dqlite's app.
package node

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	"github.com/canonical/go-dqlite/v3"
	"github.com/canonical/go-dqlite/v3/app"
	"github.com/canonical/go-dqlite/v3/client"
	"github.com/sirupsen/logrus"
)

// database is the name that the dqlite shell and the cluster tools expect.
const database = "k8s"

// Pool sizes the SQL connections of this process to the leader.
type Pool struct {
	MaxIdle, MaxOpen         int
	MaxLifetime, MaxIdleTime time.Duration
}

// Node is a running dqlite member.
type Node struct {
	app *app.App
	db  *sql.DB
}

// Start starts the member in its storage directory and waits until it has joined the cluster, however long that takes.
func Start(ctx context.Context, dir string, enableTLS bool, tuning Tuning) (*Node, error) {
	options, err := options(dir, enableTLS, tuning)
	if err != nil {
		return nil, err
	}
	member, err := app.New(dir, options...)
	if err != nil {
		return nil, err
	}
	if err := member.Ready(ctx); err != nil {
		member.Close()
		return nil, err
	}
	logrus.WithFields(logrus.Fields{"id": member.ID(), "address": member.Address()}).Info("started dqlite")
	return &Node{app: member}, nil
}

func options(dir string, enableTLS bool, tuning Tuning) ([]app.Option, error) {
	domain, err := failureDomain(dir)
	if err != nil {
		return nil, err
	}
	snapshot := dqlite.SnapshotParams{Threshold: 512, Trailing: 4096}
	if tuning.Snapshot != nil {
		snapshot = dqlite.SnapshotParams{Threshold: tuning.Snapshot.Threshold, Trailing: tuning.Snapshot.Trailing}
	}
	chosen := []app.Option{app.WithLogFunc(forwardLog), app.WithFailureDomain(domain), app.WithSnapshotParams(snapshot)}
	if tuning.NetworkLatency != nil {
		chosen = append(chosen, app.WithNetworkLatency(*tuning.NetworkLatency))
	}
	if enableTLS {
		option, err := clusterTLS(dir)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, option)
	}
	if err := moveAddress(dir); err != nil {
		return nil, err
	}
	var known client.NodeInfo
	started, err := readYaml(filepath.Join(dir, "info.yaml"), &known)
	if err != nil || started {
		return chosen, err
	}
	var first initial
	if _, err := readYaml(filepath.Join(dir, "init.yaml"), &first); err != nil {
		return nil, err
	}
	logrus.WithFields(logrus.Fields{"address": first.Address, "cluster": first.Cluster}).Info("will initialize dqlite node")
	return append(chosen, app.WithAddress(first.Address), app.WithCluster(first.Cluster)), nil
}

// Open opens the database through a pool that follows the leader.
func (n *Node) Open(ctx context.Context, pool Pool) (*sql.DB, error) {
	db, err := n.app.Open(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("failed to ping connection: %w", err)
	}
	logrus.Infof("configuring database connection pooling: maxIdleConns=%d, maxOpenConns=%d, connMaxLifetime=%v, connMaxIdleTime=%v ",
		pool.MaxIdle, pool.MaxOpen, pool.MaxLifetime, pool.MaxIdleTime)
	if pool.MaxIdle == 0 {
		pool.MaxIdle = -1 // database/sql reads 0 as its own default of 2
	}
	db.SetMaxIdleConns(pool.MaxIdle)
	db.SetMaxOpenConns(pool.MaxOpen)
	db.SetConnMaxLifetime(pool.MaxLifetime)
	db.SetConnMaxIdleTime(pool.MaxIdleTime)
	n.db = db
	return db, nil
}

// IsLeader asks the local member for the leader it believes in.
func (n *Node) IsLeader(ctx context.Context) (bool, error) {
	local, err := n.app.Client(ctx)
	if err != nil {
		return false, err
	}
	defer local.Close()
	leader, err := local.Leader(ctx)
	if err != nil {
		return false, err
	}
	return leader != nil && leader.ID == n.app.ID(), nil
}

// Handover gives leadership and the voter role away, if there is somebody to take them.
func (n *Node) Handover(ctx context.Context) error { return n.app.Handover(ctx) }

// Close ends the member. Handover comes first.
func (n *Node) Close() error {
	if n.db != nil {
		n.db.Close()
	}
	return n.app.Close()
}

// forwardLog prints what go-dqlite says. Without it "no known leader" would never be seen.
func forwardLog(level client.LogLevel, format string, args ...any) {
	levels := map[client.LogLevel]logrus.Level{
		client.LogDebug: logrus.DebugLevel, client.LogInfo: logrus.InfoLevel,
		client.LogWarn: logrus.WarnLevel, client.LogError: logrus.ErrorLevel,
	}
	if known, ok := levels[level]; ok {
		logrus.StandardLogger().Logf(known, "[go-dqlite] "+format, args...)
	}
}
