package node

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/canonical/go-dqlite/v3"
	"github.com/canonical/go-dqlite/v3/client"
	"github.com/sirupsen/logrus"
	"gopkg.in/yaml.v2"
)

// moveAddress consumes update.yaml, which a first node gets when it is to be joined by others: its loopback address becomes a
// real one. Only a cluster of one can move like this, because raft's configuration is rewritten on this disk alone.
func moveAddress(dir string) error {
	update := filepath.Join(dir, "update.yaml")
	var wanted struct {
		Address string `yaml:"Address"`
	}
	if found, err := readYaml(update, &wanted); err != nil || !found {
		return err
	}
	logrus.WithField("address", wanted.Address).Info("will update address of dqlite node")

	var self client.NodeInfo
	if found, err := readYaml(filepath.Join(dir, "info.yaml"), &self); err != nil || !found {
		return fmt.Errorf("update.yaml without info.yaml: %w", err)
	}
	var members []client.NodeInfo
	if _, err := readYaml(filepath.Join(dir, "cluster.yaml"), &members); err != nil {
		return err
	}
	if len(members) > 1 {
		return fmt.Errorf("cannot update the address of one of %d members", len(members))
	}
	self.Address = wanted.Address
	members = []client.NodeInfo{self}
	if err := dqlite.ReconfigureMembership(dir, members); err != nil {
		return err
	}
	if err := writeYaml(filepath.Join(dir, "cluster.yaml"), members); err != nil {
		return err
	}
	if err := writeYaml(filepath.Join(dir, "info.yaml"), self); err != nil {
		return err
	}
	return os.Remove(update)
}

func writeYaml(path string, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
