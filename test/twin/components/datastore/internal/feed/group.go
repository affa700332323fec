package feed

import "quorate.test/twin/datastore/internal/store"

// updateSlots is how far one stream may fall behind, counted in updates (one per poll), before its group is stopped.
const updateSlots = 100

// Update is what one poll brought for one group. It is sent even when no watch of the group matches, because the revision
// itself is news: progress replies carry it.
type Update struct {
	Revision int64
	Rows     map[int64][]store.Row // by watch id
}

type interval struct {
	key, end string
	start    int64
}

func (i interval) matches(row store.Row) bool {
	if row.Revision < i.start {
		return false
	}
	if i.end == "" {
		return row.Key == i.key
	}
	return row.Key >= i.key && row.Key < i.end
}

// Group is the watches of one gRPC stream, with one queue for all of them.
type Group struct {
	feed    *Feed
	updates chan Update
	watches map[int64]interval
	closed  bool
}

// NewGroup joins the feed. The revision is where the group's view begins.
func (f *Feed) NewGroup() (group *Group, revision int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	group = &Group{feed: f, updates: make(chan Update, updateSlots), watches: map[int64]interval{}}
	f.groups[group] = struct{}{}
	return group, f.revision
}

// Updates is closed when the group was stopped for being slow. What was queued before can still be read.
func (g *Group) Updates() <-chan Update { return g.updates }

// Watch adds a watch. Rows up to the returned revision are the past, which the caller replays from the store; later ones come
// through Updates. A start of 0 means from now on. On a dead feed "now" is the revision at which it died.
func (g *Group) Watch(id int64, key, end string, start int64) (revision int64) {
	g.feed.mu.Lock()
	defer g.feed.mu.Unlock()
	g.watches[id] = interval{key, end, start}
	return g.feed.revision
}

// Cancel removes a watch.
func (g *Group) Cancel(id int64) {
	g.feed.mu.Lock()
	defer g.feed.mu.Unlock()
	delete(g.watches, id)
}

// Leave takes the group out of the feed.
func (g *Group) Leave() {
	g.feed.mu.Lock()
	defer g.feed.mu.Unlock()
	g.stop()
	delete(g.feed.groups, g)
}

// offer queues an update without waiting: one slow reader must not hold up the others. It answers false when the queue was full
// and the group is stopped. That is the second defect: the reader is not told, and its stream has no events from here on.
// The caller holds feed.mu.
func (g *Group) offer(revision int64, rows []store.Row) bool {
	update := Update{Revision: revision, Rows: map[int64][]store.Row{}}
	for id, watch := range g.watches {
		for _, row := range rows {
			if watch.matches(row) {
				update.Rows[id] = append(update.Rows[id], row)
			}
		}
	}
	select {
	case g.updates <- update:
		return true
	default:
		g.stop()
		return false
	}
}

// stop closes the queue once. The caller holds feed.mu.
func (g *Group) stop() {
	if !g.closed {
		g.closed = true
		close(g.updates)
	}
}
