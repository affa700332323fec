// Package upkeep holds the background work of a node: compaction, expiry of leased keys, and the watch on disk space.
package upkeep

import (
	"context"
	"time"

	"github.com/sirupsen/logrus"
	"quorate.test/twin/datastore/internal/store"
)

// Compact compacts at every interval while this node leads. A failure is only traced and tried again next time, as published:
// from outside, broken compaction shows in compact_rev_key and in the size, not in the log.
func Compact(ctx context.Context, rows *store.Store, interval time.Duration, isLeader func(context.Context) (bool, error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		leads, err := isLeader(ctx)
		if err != nil {
			logrus.WithError(err).Warning("couldn't determine whether the local node is the leader, allowing the compaction to proceed")
			leads = true
		}
		if !leads {
			logrus.Trace("skipping compaction on follower node")
			continue
		}
		if err := rows.Compact(ctx); err != nil {
			logrus.WithError(err).Trace("compaction failed")
		}
	}
}
