/**
 * What a child process may inherit. Everything else stays here: secrets in our environment are none of a child's
 * business, and LANG or LC_* would change the words that parsers and error messages rely on.
 */
const INHERITED = [
  // Where programs and the user's own configuration (~/.ssh) are.
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  // What OpenSSH needs to log in without asking: the agent, and Kerberos tickets.
  "SSH_AUTH_SOCK",
  "KRB5CCNAME",
  // systemctl and journalctl of the machine we run on (user sessions and tests).
  "XDG_RUNTIME_DIR",
] as const;

/** PATH when we have none (started by hand from a bare environment): the usual places of a server. */
const PATH_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Returns the environment for a child: the inherited names above, the C locale, and `extra` on top. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const environment: Record<string, string> = { PATH: PATH_DEFAULT };
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, LANG: "C", LC_ALL: "C", ...extra };
}
