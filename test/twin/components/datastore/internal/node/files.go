package node

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/canonical/go-dqlite/v3/app"
	"gopkg.in/yaml.v2"
)

// initial is init.yaml: who this node is, and whom it joins, on its first start only.
type initial struct {
	Address string   `yaml:"Address"`
	Cluster []string `yaml:"Cluster"`
}

// Tuning is tuning.yaml, which an operator may put into the storage directory.
type Tuning struct {
	Snapshot *struct {
		Threshold uint64 `yaml:"threshold"`
		Trailing  uint64 `yaml:"trailing"`
	} `yaml:"snapshot"`
	NetworkLatency  *time.Duration `yaml:"network-latency"`
	CompactInterval *time.Duration `yaml:"kine-compact-interval"`
	PollInterval    *time.Duration `yaml:"kine-poll-interval"`
}

// ReadTuning answers the empty tuning when there is no file.
func ReadTuning(dir string) (tuning Tuning, err error) {
	_, err = readYaml(filepath.Join(dir, "tuning.yaml"), &tuning)
	return tuning, err
}

// readYaml says whether the file was there. A file that is there and cannot be read is an error, never "not there".
func readYaml(path string, into any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// failureDomain reads a number from the file of that name; without the file it is 0.
func failureDomain(dir string) (uint64, error) {
	text, err := os.ReadFile(filepath.Join(dir, "failure-domain"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}

// clusterTLS is mutual TLS with one pair for the whole cluster: cluster.crt is both the certificate and the only root.
func clusterTLS(dir string) (app.Option, error) {
	certificate, key := filepath.Join(dir, "cluster.crt"), filepath.Join(dir, "cluster.key")
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(certificate)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", certificate)
	}
	return app.WithTLS(app.SimpleTLSConfig(pair, pool)), nil
}
