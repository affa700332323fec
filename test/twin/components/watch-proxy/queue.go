package main

import (
	"context"
	"sync"
)

// queue holds frames between the server's side and the client's. It is bounded in bytes: past the limit put waits, so that a
// long hold stops reading instead of eating the machine. From then on the server's own buffers fill, as for any slow reader.
type queue struct {
	limit int

	mu      sync.Mutex
	frames  []*frame
	size    int
	ended   error
	changed chan struct{} // closed and replaced at every change
}

func newQueue(limit int) *queue { return &queue{limit: limit, changed: make(chan struct{})} }

// put waits while the queue is full. One frame always fits, however big.
func (q *queue) put(ctx context.Context, one *frame) error {
	return q.when(ctx, func() bool {
		if q.size > 0 && q.size+len(one.bytes) > q.limit {
			return false
		}
		q.frames, q.size = append(q.frames, one), q.size+len(one.bytes)
		return true
	})
}

// end marks that nothing follows; take answers with the reason after the last frame.
func (q *queue) end(reason error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = reason
	q.signal()
}

// take waits for a frame.
func (q *queue) take(ctx context.Context) (one *frame, err error) {
	waited := q.when(ctx, func() bool {
		if len(q.frames) == 0 {
			err = q.ended
			return q.ended != nil
		}
		one = q.frames[0]
		q.frames[0] = nil
		q.frames, q.size = q.frames[1:], q.size-len(one.bytes)
		return true
	})
	if waited != nil {
		return nil, waited
	}
	return one, err
}

// when runs step under the lock, again after every change, until it answers true.
func (q *queue) when(ctx context.Context, step func() bool) error {
	for {
		q.mu.Lock()
		done, changed := step(), q.changed
		if done {
			q.signal()
		}
		q.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (q *queue) signal() {
	close(q.changed)
	q.changed = make(chan struct{})
}
