package upkeep

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sirupsen/logrus"
	"quorate.test/twin/datastore/internal/feed"
	"quorate.test/twin/datastore/internal/store"
)

const (
	retryFirst = 100 * time.Millisecond
	retryMax   = 5 * time.Second
	deleteMax  = 20 * time.Second // one try of a delete
)

// ttl deletes keys when their lease ends. Every node does so for all keys, a little apart, and the first one wins. It learns of
// keys from this node's own feed: when the feed dies, expiry on this node dies with it.
type ttl struct {
	rows   *store.Store
	timers map[string]*time.Timer
}

// Expire runs until the context is over or its place in the feed is lost; then it has ended for good.
func Expire(ctx context.Context, rows *store.Store, changes *feed.Feed) {
	group, _ := changes.NewGroup()
	defer group.Leave()
	now := group.Watch(1, "/", "0", 0)
	t := &ttl{rows: rows, timers: map[string]*time.Timer{}}
	leased, err := rows.Leased(ctx, now)
	if err != nil {
		logrus.Errorf("failed to read old events for ttl: %v", err)
		return
	}
	t.see(ctx, leased)
	for {
		select {
		case <-ctx.Done():
			return
		case update, open := <-group.Updates():
			if !open {
				logrus.Error("ttl watch failed")
				return
			}
			t.see(ctx, update.Rows[1])
		}
	}
}

func (t *ttl) see(ctx context.Context, rows []store.Row) {
	for _, row := range rows {
		if timer := t.timers[row.Key]; timer != nil {
			timer.Stop()
			delete(t.timers, row.Key)
		}
		if row.Deleted || row.Lease <= 0 {
			continue
		}
		jitter := rand.N(time.Second)
		t.timers[row.Key] = time.AfterFunc(time.Duration(row.Lease)*time.Second+jitter, func() {
			t.remove(ctx, row.Key, row.Revision)
		})
	}
}

// remove deletes the key unless it changed. It tries for ever: nobody else will, if the other nodes' feeds are dead.
func (t *ttl) remove(ctx context.Context, key string, revision int64) {
	wait := retryFirst
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, deleteMax)
		_, _, err := t.rows.Delete(try, key, revision)
		cancel()
		if err == nil || ctx.Err() != nil {
			return
		}
		logrus.Errorf("failed to delete %s for TTL: %v, retrying", key, err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(wait*3/2, retryMax)
	}
}
