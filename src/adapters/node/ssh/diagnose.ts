/**
 * Says what a unix socket path is to the login user, without connecting: `refused` (a socket that we may use: then nobody
 * listens), `denied`, `missing`, or `other`. A directory that we may not search hides what is in it: that is `denied`.
 */
const DIAGNOSE_SCRIPT = `p=$1
if [ -S "$p" ]; then
  if [ -w "$p" ]; then echo refused; else echo denied; fi
elif [ -e "$p" ]; then echo other
else
  d=$(dirname "$p")
  while [ ! -d "$d" ] && [ "$d" != / ]; do d=$(dirname "$d"); done
  if [ -x "$d" ]; then echo missing; else echo denied; fi
fi`;

/** errno name for what the script says, in the words of connect(2). */
const ERRNO: ReadonlyMap<string, string> = new Map([
  ["refused", "ECONNREFUSED"],
  ["denied", "EACCES"],
  ["missing", "ENOENT"],
  ["other", "ENOTSOCK"],
]);

export function diagnoseArgv(path: string): readonly string[] {
  return ["sh", "-c", DIAGNOSE_SCRIPT, "quorate-diagnose", path];
}

/** The errno name that a connect would have met, from the script's output; null when it said nothing known. */
export function errnoFromDiagnosis(stdout: string): string | null {
  return ERRNO.get(stdout.trim()) ?? null;
}

/** The errno name for ssh's `open failed: …` line of a TCP forward. */
export function errnoFromOpenFailure(line: string): string | null {
  if (/administratively prohibited/i.test(line)) return "EACCES";
  if (/Connection refused/i.test(line)) return "ECONNREFUSED";
  if (/No route to host/i.test(line)) return "EHOSTUNREACH";
  if (/timed out/i.test(line)) return "ETIMEDOUT";
  if (/Name or service not known|name resolution/i.test(line)) return "ENOTFOUND";
  return null;
}
