// Package metrics holds the Prometheus series that k8s-dqlite shows with --metrics, under the same names and with the same
// traps: whoever reads them in the twin must meet what they will meet in production.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	txResult = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "k8s_dqlite_generic_tx_result", Help: "Total number of individual database transactions by tx_name and result",
	}, []string{"tx_name", "result"})

	opResult = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "k8s_dqlite_generic_op_result", Help: "Total number of database operations by tx_name and result",
	}, []string{"tx_name", "result"})

	opLatency = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "k8s_dqlite_generic_op_latency", Help: "Latency of database operations, in whole seconds",
		Buckets: []float64{0, .05, .1, .3, .5, 1, 3, 5, 10},
	}, []string{"tx_name", "result"})

	// Registered and never moved, as in 1.8.1.
	_ = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Name: "k8s_dqlite_generic_current_ops", Help: "Current number of database operations",
	}, []string{"tx_name"})
)

// Statement counts one try of one SQL statement. The latency is truncated to whole seconds: the published behaviour, which
// makes the histogram useful only as "operations of 1 s and more".
func Statement(tx string, start time.Time, err error) {
	opResult.WithLabelValues(tx, result(err)).Inc()
	opLatency.WithLabelValues(tx, result(err)).Observe(float64(time.Since(start) / time.Second))
}

// Transaction counts the outcome after all retries.
func Transaction(tx string, err error) {
	txResult.WithLabelValues(tx, result(err)).Inc()
}

func result(err error) string {
	if err != nil {
		return "fail"
	}
	return "success"
}
