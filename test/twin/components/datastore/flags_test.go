package main

import (
	"testing"
	"time"
)

func TestEndpointKeepsTheColonOfASocket(t *testing.T) {
	for address, want := range map[string][2]string{
		"unix:///run/kine.sock:12379": {"unix", "/run/kine.sock:12379"},
		"tcp://127.0.0.1:12379":       {"tcp", "127.0.0.1:12379"},
		"/run/kine.sock:12379":        {},
		"http://127.0.0.1:12379":      {},
	} {
		network, target, err := endpoint(address)
		if network != want[0] || target != want[1] || (err == nil) != (want[0] != "") {
			t.Errorf("%s: %q %q %v", address, network, target, err)
		}
	}
}

func TestFlags(t *testing.T) {
	if _, err := parseFlags([]string{"--no-such-flag"}); err == nil {
		t.Error("an unknown flag must stop the program")
	}
	chosen, err := parseFlags([]string{"--watch-query-timeout=1s", "--enable-tls=false"})
	if err != nil || chosen.queryTimeout != 5*time.Second || chosen.enableTLS {
		t.Errorf("%+v %v", chosen, err)
	}
}
