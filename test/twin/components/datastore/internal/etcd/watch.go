package etcd

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sirupsen/logrus"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"quorate.test/twin/datastore/internal/feed"
	"quorate.test/twin/datastore/internal/store"
)

type watch struct {
	rows             *store.Store
	feed             *feed.Feed
	progressInterval time.Duration
}

// Watch serves one stream. Requests, updates and timers meet in one loop, so that answers go out in the order of revisions. The
// price is the published one: a client that stops reading blocks the loop, the group's queue fills up behind it, and the
// group is stopped. The loop then goes on without updates; progress is still answered, with the last revision it had.
func (w *watch) Watch(server pb.Watch_WatchServer) error {
	ctx := server.Context()
	group, _ := w.feed.NewGroup()
	defer group.Leave()
	s := &stream{server: server, rows: w.rows, group: group, watches: map[int64]*watcher{}}

	ticker := time.NewTicker(w.progressInterval)
	defer ticker.Stop()
	requests := receive(ctx, server)
	updates := group.Updates()
	for {
		var err error
		select {
		case request, open := <-requests:
			if !open {
				return nil
			}
			err = s.request(ctx, request)
		case update, open := <-updates:
			if !open {
				updates = nil // mute for good, and nobody is told
				continue
			}
			err = s.update(update)
		case <-ticker.C:
			err = s.periodicProgress()
		case <-ctx.Done():
			return ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// receive turns the client's half of the stream into a channel, which closes with it.
func receive(ctx context.Context, server pb.Watch_WatchServer) <-chan *pb.WatchRequest {
	requests := make(chan *pb.WatchRequest)
	go func() {
		defer close(requests)
		for {
			request, err := server.Recv()
			if err != nil {
				return
			}
			select {
			case requests <- request:
			case <-ctx.Done():
				return
			}
		}
	}()
	return requests
}

type watcher struct {
	progress bool // wants periodic progress
	eventful bool // has had an event; from then on there is no periodic progress for it
}

type stream struct {
	server   pb.Watch_WatchServer
	rows     *store.Store
	group    *feed.Group
	revision int64 // last one published on this stream; 0 before the first, as k8s-dqlite says it
	lastID   int64
	watches  map[int64]*watcher
}

func (s *stream) request(ctx context.Context, request *pb.WatchRequest) error {
	switch {
	case request.GetCreateRequest() != nil:
		return s.create(ctx, request.GetCreateRequest())
	case request.GetCancelRequest() != nil:
		return s.cancel(request.GetCancelRequest().WatchId)
	case request.GetProgressRequest() != nil:
		return s.progress(-1)
	}
	return nil
}

func (s *stream) create(ctx context.Context, request *pb.WatchCreateRequest) error {
	id := request.WatchId
	if id == 0 {
		s.lastID++
		id = s.lastID
	}
	key, end, start := string(request.Key), string(request.RangeEnd), request.StartRevision
	now := s.group.Watch(id, key, end, start)
	past, err := s.past(ctx, key, end, start, now)

	// As measured on k8s-dqlite: the confirmation knows no revision.
	created := &pb.WatchResponse{Header: header(0), WatchId: id, Created: true}
	switch {
	case errors.Is(err, store.ErrCompacted):
		s.group.Cancel(id)
		if err := s.server.Send(created); err != nil {
			return err
		}
		compact, _, _ := s.rows.Revisions(ctx)
		return s.server.Send(&pb.WatchResponse{
			Header: header(now), WatchId: id, Canceled: true, CompactRevision: max(compact, 1),
			CancelReason: "etcdserver: mvcc: required revision has been compacted",
		})
	case err != nil:
		logrus.WithError(err).Errorf("WATCH Failed to create watcher: %v", err)
		s.group.Cancel(id)
		created.Canceled, created.CancelReason = true, "etcdserver: unhealthy cluster"
		return s.server.Send(created)
	}
	s.watches[id] = &watcher{progress: request.ProgressNotify, eventful: len(past) > 0}
	if err := s.server.Send(created); err != nil {
		return err
	}
	return s.send(id, now, past)
}

func (s *stream) cancel(id int64) error {
	s.group.Cancel(id)
	delete(s.watches, id)
	return s.server.Send(&pb.WatchResponse{Header: header(s.revision), WatchId: id, Canceled: true})
}

func (s *stream) update(update feed.Update) error {
	ids := make([]int64, 0, len(update.Rows))
	for id := range update.Rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if known := s.watches[id]; known != nil {
			known.eventful = true
			if err := s.send(id, update.Revision, update.Rows[id]); err != nil {
				return err
			}
		}
	}
	s.revision = update.Revision
	return nil
}

func (s *stream) send(id, revision int64, rows []store.Row) error {
	if len(rows) == 0 {
		return nil
	}
	err := s.server.Send(&pb.WatchResponse{Header: header(revision), WatchId: id, Events: events(rows)})
	if err != nil {
		logrus.WithError(err).Error("couldn't send watch response")
	}
	return err
}

// progress tells how far this stream is. Id -1 means all watches of the stream.
func (s *stream) progress(id int64) error {
	err := s.server.Send(&pb.WatchResponse{Header: header(s.revision), WatchId: id})
	if err != nil {
		logrus.WithError(err).Error("couldn't send progress response")
	}
	return err
}

// periodicProgress skips every watch that ever had an event. That is a published defect too: the mark is never taken off.
func (s *stream) periodicProgress() error {
	for id, known := range s.watches {
		if known.progress && !known.eventful {
			if err := s.progress(id); err != nil {
				return err
			}
		}
	}
	return nil
}
