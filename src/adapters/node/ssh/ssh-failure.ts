import type { UnknownReason } from "../../../core/model/observed.ts";
import { TapError } from "../../../ports/tap-error.ts";
import { lastLine } from "../command-failure.ts";

interface KnownFailure {
  readonly pattern: RegExp;
  readonly reason: UnknownReason;
  /** What it means and what to do, without the node's name in front. */
  readonly words: string;
}

/**
 * What OpenSSH prints (any locale: ssh is not translated), in order: the first match decides. A closed ssh port is
 * `unreachable`, not `connection-refused`, and a silent one is not `deadline`: those words are knowledge about the
 * service a tap asks for (a store that does not answer is broken), and sshd is not it.
 */
const FAILURES: readonly KnownFailure[] = [
  {
    pattern: /Could not resolve hostname/i,
    reason: "unreachable",
    words: "the host name is not known (no DNS or ssh config entry)",
  },
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    reason: "unreachable",
    words: "its host key is not the one in known_hosts: not connecting; find out why before you change known_hosts",
  },
  {
    pattern: /Host key verification failed|No .* host key is known/i,
    reason: "unreachable",
    words: "its host key is not in known_hosts; connect once by hand to check and accept it",
  },
  {
    pattern: /Permission denied \(|Too many authentication failures|No supported authentication methods/i,
    reason: "permission-denied",
    words: "ssh login refused: no key of the agent or ssh config was accepted, and passwords are never asked for",
  },
  {
    pattern: /timed out during banner exchange|Connection to .* timed out while waiting/i,
    reason: "unreachable",
    words: "it accepts connections and ssh gets no answer: frozen or overloaded",
  },
  {
    pattern: /Connection refused/i,
    reason: "unreachable",
    words: "nobody listens on its ssh port (connection refused)",
  },
  {
    pattern: /No route to host|Network is unreachable|timed out/i,
    reason: "unreachable",
    words: "no route to it, or it is down (ssh connection timed out)",
  },
  {
    pattern: /Bad configuration option|bad configuration options|Can't open user config file|Bad owner or permissions/i,
    reason: "unreachable",
    words: "ssh does not accept its configuration",
  },
];

/** Turns what ssh printed before its connection stood into one clear line with its reason. */
export function sshFailure(node: string, host: string, stderr: string): TapError {
  const known = FAILURES.find(({ pattern }) => pattern.test(stderr));
  const shown = lastLine(stderr) || "ssh ended without a word";
  const from = host === node ? node : `${node} (ssh ${host})`;
  if (known === undefined) return new TapError("unreachable", `${from}: ssh failed: ${shown}`);
  const withOutput = known.words.startsWith("ssh does not accept") ? `${known.words}: ${shown}` : known.words;
  return new TapError(known.reason, `${from}: ${withOutput}`);
}
