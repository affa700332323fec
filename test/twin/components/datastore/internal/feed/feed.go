// Package feed follows the table and delivers its changes to watchers. It reproduces two published defects of k8s-dqlite 1.6 to
// 1.8.1 on purpose, because finding and curing them is what the twin is for:
//
//   - the poll loop ends for ever, without a word, when one query runs into its timeout (poll.go);
//   - a watcher group whose queue is full is stopped, and its stream stays open and mute (group.go).
package feed

import (
	"context"
	"sync"
	"time"

	"quorate.test/twin/datastore/internal/store"
)

// Source is what the poll loop reads.
type Source interface {
	After(ctx context.Context, revision int64, limit int) ([]store.Row, error)
}

// Options are the poll loop's numbers; the defaults are the published ones.
type Options struct {
	Interval     time.Duration // 1 s
	QueryTimeout time.Duration // 20 s, for each query
	OnError      func(error)   // any failure that does not end the loop
}

// Feed is the one feed of a process. All watches of this node hang on it.
type Feed struct {
	source  Source
	options Options
	notify  chan struct{}

	mu       sync.Mutex
	revision int64
	groups   map[*Group]struct{}
}

// notifySlots is generous so that each local write gets a poll of its own, as published, rather than sharing one.
const notifySlots = 100

// New makes a feed that has delivered everything up to the revision and is not running yet.
func New(source Source, revision int64, options Options) *Feed {
	return &Feed{
		source: source, options: options, revision: revision,
		notify: make(chan struct{}, notifySlots), groups: map[*Group]struct{}{},
	}
}

// Notify wakes the poll loop after a local write. It never blocks: a write must not wait for the feed, least of all a dead one.
func (f *Feed) Notify() {
	select {
	case f.notify <- struct{}{}:
	default:
	}
}

// Revision is the last one published. On a dead feed it stands still.
func (f *Feed) Revision() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revision
}

func (f *Feed) publish(rows []store.Row) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision = rows[len(rows)-1].Revision
	for group := range f.groups {
		if !group.offer(f.revision, rows) {
			delete(f.groups, group)
		}
	}
}
