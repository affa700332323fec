package feed

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"quorate.test/twin/datastore/internal/store"
)

// scripted answers each poll with the next step, and with nothing once the script is over.
type scripted struct {
	steps []func() ([]store.Row, error)
	polls int
}

func (s *scripted) After(context.Context, int64, int) ([]store.Row, error) {
	s.polls++
	if len(s.steps) == 0 {
		return nil, nil
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	return step()
}

func change(revision int64, key string) func() ([]store.Row, error) {
	return func() ([]store.Row, error) { return []store.Row{{Revision: revision, Key: key}}, nil }
}

func fail(err error) func() ([]store.Row, error) {
	return func() ([]store.Row, error) { return nil, err }
}

func started(t *testing.T, source *scripted) *Feed {
	f := New(source, 10, Options{Interval: time.Second, QueryTimeout: 20 * time.Second, OnError: func(error) {}})
	go f.Run(t.Context())
	return f
}

func TestOneTimeoutEndsTheFeedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timeout := fmt.Errorf("query (try: 0): %w", context.DeadlineExceeded)
		source := &scripted{steps: []func() ([]store.Row, error){change(11, "/a"), fail(timeout), change(12, "/a")}}
		f := started(t, source)
		time.Sleep(time.Minute)
		f.Notify()
		synctest.Wait()
		if source.polls != 2 || f.Revision() != 11 {
			t.Fatalf("polls %d, revision %d", source.polls, f.Revision())
		}
		group, revision := f.NewGroup()
		if revision != 11 || len(group.Updates()) != 0 {
			t.Fatal("a new watch on a dead feed must be mute at the old revision")
		}
	})
}

func TestOtherErrorsAreSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := started(t, &scripted{steps: []func() ([]store.Row, error){fail(errors.New("no leader")), change(11, "/a")}})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if f.Revision() != 11 {
			t.Fatal("revision", f.Revision())
		}
	})
}

func TestFullGroupIsStoppedAndOthersLive(t *testing.T) {
	f := New(nil, 0, Options{})
	slow, _ := f.NewGroup()
	quick, _ := f.NewGroup()
	slow.Watch(1, "/a", "/b", 0)
	quick.Watch(1, "/x", "", 0)
	for revision := range int64(updateSlots + 5) {
		f.publish([]store.Row{{Revision: revision + 1, Key: "/a/1"}})
		if update := <-quick.Updates(); update.Revision != revision+1 || len(update.Rows) != 0 {
			t.Fatalf("%+v", update)
		}
	}
	seen := 0
	for update := range slow.Updates() {
		seen += len(update.Rows[1])
	}
	if seen != updateSlots {
		t.Fatal("the queue holds what came before it was full:", seen)
	}
	slow.Leave()
}

func TestWatchSeesItsIntervalFromItsStart(t *testing.T) {
	f := New(nil, 5, Options{})
	group, _ := f.NewGroup()
	if now := group.Watch(7, "/a/", "/a0", 7); now != 5 {
		t.Fatal("now", now)
	}
	f.publish([]store.Row{{Revision: 6, Key: "/a/1"}, {Revision: 7, Key: "/a/1"}, {Revision: 8, Key: "/b"}})
	update := <-group.Updates()
	if len(update.Rows[7]) != 1 || update.Rows[7][0].Revision != 7 || update.Revision != 8 {
		t.Fatalf("%+v", update)
	}
}
