import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Datastore } from "../../world/datastore/datastore.ts";

/** Which statements the counters are split over; the poll's own is `after_sql_limit`. */
const POLL = "after_sql_limit";
const OTHER = "list_revision_start_sql";

/** k8s-dqlite's --metrics-listen. The returned function serves a connection. */
export function createMetricsServer(datastore: Datastore): (stream: Duplex) => void {
  const server = createServer((request, response) => {
    const isMetrics = request.url === "/metrics" && request.method === "GET";
    response.writeHead(isMetrics ? 200 : 404, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(isMetrics ? metricsText(datastore.counters()) : "404 page not found\n");
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return (stream) => server.emit("connection", stream);
}

/** The Prometheus text format (0.0.4) of the counters that k8s-dqlite has. */
export function metricsText({
  pollQueries,
  otherQueries,
  failedTransactions,
}: ReturnType<Datastore["counters"]>): string {
  return [
    "# HELP k8s_dqlite_generic_op_result Total number of each operation by result",
    "# TYPE k8s_dqlite_generic_op_result counter",
    `k8s_dqlite_generic_op_result{result="success",tx_name="${POLL}"} ${pollQueries}`,
    `k8s_dqlite_generic_op_result{result="success",tx_name="${OTHER}"} ${otherQueries}`,
    "# HELP k8s_dqlite_generic_tx_result Total number of individual database transactions by result",
    "# TYPE k8s_dqlite_generic_tx_result counter",
    `k8s_dqlite_generic_tx_result{result="fail",tx_name="create_sql"} ${failedTransactions}`,
    "",
  ].join("\n");
}
