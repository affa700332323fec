// SPDX-License-Identifier: Apache-2.0
// Usage: net-pipe.ts HOST PORT. Connects standard input and output to a TCP port: the ProxyCommand of the twin's
// ssh configuration, so that the machine needs neither nc nor socat.
import { connect } from "node:net";

const [host, port] = process.argv.slice(2);
const socket = connect({ host: host ?? "", port: Number(port) });
// Half-open on purpose: ssh closes one direction first and still reads the other.
socket.allowHalfOpen = true;
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on("error", (error) => {
  process.stderr.write(`net-pipe: ${error.message}\n`);
  process.exitCode = 1;
  process.stdin.destroy();
});
socket.on("close", () => process.stdin.destroy());
