/**
 * Runs `"$@"` and ends it when standard input ends. A stream's standard input is held open by us, so the program ends
 * with us even when we are killed, on this machine and through ssh (sshd closes the input of a session whose client is
 * gone; without a terminal it sends no signal).
 */
const LEASH_SCRIPT = `exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ read -r line <&3; kill "$child"; } >/dev/null 2>&1 & watch=$!
exec 3<&-
wait "$child"; status=$?
kill "$watch" 2>/dev/null
exit "$status"`;

/** Returns an argv that runs `argv` until its standard input ends; the exit code is the program's. */
export function onLeash(argv: readonly string[]): readonly string[] {
  return ["sh", "-c", LEASH_SCRIPT, "quorate-leash", ...argv];
}
