package etcd

import (
	"context"
	"fmt"

	"quorate.test/twin/datastore/internal/store"
)

// past reads what a watch missed between its start and the feed's present. It is not read further than that, even when the
// store knows more: the rest has to come through the feed, so on a dead feed a new watch is created and mute.
func (s *stream) past(ctx context.Context, key, end string, start, now int64) ([]store.Row, error) {
	if start == 0 {
		return nil, nil
	}
	compact, _, err := s.rows.Revisions(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to get compact revision: %w", err)
	}
	if start < compact {
		return nil, store.ErrCompacted
	}
	if start > now {
		return nil, nil
	}
	return s.rows.Replay(ctx, key, end, start-1, now)
}
