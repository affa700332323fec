package upkeep

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

// Disk is the check of free space in the storage directory, and what to do when it fails.
type Disk struct {
	Dir      string
	Interval time.Duration
	MinBytes uint64
	Action   string // none | handover | terminate
}

// Watch checks until the context is over.
func (d Disk) Watch(ctx context.Context, handover func(context.Context) error, terminate func()) {
	logrus.WithFields(logrus.Fields{"dir": d.Dir, "interval": d.Interval}).Info("enable periodic check for available disk size")
	ticker := time.NewTicker(d.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := d.check()
		if err == nil {
			continue
		}
		switch d.Action {
		case "handover":
			logrus.WithError(err).Info("handover dqlite leadership role")
			if err := handover(ctx); err != nil {
				logrus.WithError(err).Errorf("failed to handover dqlite: %v", err)
			}
		case "terminate":
			logrus.WithError(err).Error("terminating due to failed available disk storage check")
			terminate()
			return
		default:
			logrus.WithError(err).Info("ignoring failed available disk storage check")
		}
	}
}

func (d Disk) check() error {
	var stat syscall.Statfs_t
	err := syscall.Statfs(d.Dir, &stat)
	if available := stat.Bavail * uint64(stat.Bsize); err == nil && available < d.MinBytes {
		err = fmt.Errorf("available disk size (%d bytes) is below minimum required (%d bytes)", available, d.MinBytes)
	}
	if err != nil {
		return fmt.Errorf("periodic check for available disk storage failed: %w", err)
	}
	return nil
}
