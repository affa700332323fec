package main

import (
	"context"
	"os"
	"sync"
	"time"
)

// gate is shut while the hold file exists. It is looked at rather than watched: a file system event can be missed, and a
// tenth of a second is no delay for a fault that lasts minutes.
type gate struct {
	file string

	mu     sync.Mutex
	opened chan struct{} // closed while the gate is open
}

const gatePeriod = 100 * time.Millisecond

func newGate(file string) *gate {
	g := &gate{file: file, opened: make(chan struct{})}
	g.set(g.wanted())
	return g
}

func (g *gate) wanted() (open bool) {
	_, err := os.Stat(g.file)
	return g.file == "" || err != nil
}

// set answers whether that changed anything.
func (g *gate) set(open bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isOpen() == open {
		return false
	}
	if open {
		close(g.opened)
	} else {
		g.opened = make(chan struct{})
	}
	return true
}

func (g *gate) isOpen() bool {
	select {
	case <-g.opened:
		return true
	default:
		return false
	}
}

// wait returns at once when the gate is open.
func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) follow(ctx context.Context, changed func(open bool)) {
	ticker := time.NewTicker(gatePeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if open := g.wanted(); g.set(open) {
				changed(open)
			}
		}
	}
}
