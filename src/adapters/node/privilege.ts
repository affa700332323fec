/** uid of root. */
const ROOT_UID = 0;

/** Returns the argv as root runs it: as it is for root, else by `sudo -n`, which fails instead of asking. */
export function withRoot(argv: readonly string[], uid: number): readonly string[] {
  return uid === ROOT_UID ? argv : ["sudo", "-n", "--", ...argv];
}
