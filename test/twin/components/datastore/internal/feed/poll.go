package feed

import (
	"context"
	"errors"
	"time"
)

const (
	pollLimit = 500
	// A batch of this size suggests that more is waiting, so the next query follows at once.
	pollBusy = 100
)

// Run polls until the context is over, or until one query times out.
//
// The second is the defect. A timed-out query is a passing thing (a leader that hung for half a minute), yet the loop returns,
// nothing starts it again, and nothing is logged. Reads, writes and health checks go on; watches of this node never see
// anything again until the process is restarted.
func (f *Feed) Run(ctx context.Context) {
	ticker := time.NewTicker(f.options.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-f.notify:
		}
		if !f.poll(ctx) {
			return
		}
	}
}

// poll publishes all that is new. It answers false when the loop has to end.
func (f *Feed) poll(ctx context.Context) bool {
	for {
		queryCtx, cancel := context.WithTimeout(ctx, f.options.QueryTimeout)
		rows, err := f.source.After(queryCtx, f.Revision(), pollLimit)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			return false
		case err != nil:
			f.options.OnError(err)
			return true
		case len(rows) > 0:
			f.publish(rows)
		}
		if len(rows) < pollBusy {
			return true
		}
	}
}
