/** Where the lock and the fence are on a node: gone after a reboot, as is every InvocationID. */
export const FENCE_DIRECTORY = "/run/quorate";

/** The script's exit codes. Above what sh, env, sudo and timeout use for themselves, below those for signals. */
export const EXIT = {
  staleToken: 40,
  alreadyRestarted: 41,
  notActive: 42,
  stoppedOnPurpose: 43,
  lockBusy: 44,
  cannotLock: 45,
  fenceUnreadable: 46,
  tooLate: 47,
  restartFailed: 48,
} as const;

/**
 * The act, as one critical section on the node. Arguments: unit, expected InvocationID, token, stop marker file (or ""),
 * directory, seconds to wait for the lock, and the uptime in seconds past which nothing may be started any more.
 * Refuses before it changes anything; the token is written before the restart, so that whoever is later fenced off sees it.
 *
 * The uptime limit is for a command that was sent, stalled on the way and arrives when its sender has long given up:
 * the node's own monotonic clock decides, so no two clocks need to agree.
 */
export const RESTART_SCRIPT = `unit=$1 expected=$2 token=$3 marker=$4 directory=$5 wait=$6 latest=$7
refuse() { echo "quorate-restart refused: $2"; exit "$1"; }
property() { systemctl show --property="$1" --value -- "$unit" 9>&-; }
umask 077
command -v flock >/dev/null 2>&1 || refuse ${EXIT.cannotLock} "flock is not installed (package util-linux)"
mkdir -p -- "$directory" || refuse ${EXIT.cannotLock} "cannot make $directory"
exec 9>>"$directory/restart.lock" || refuse ${EXIT.cannotLock} "cannot open $directory/restart.lock"
flock -w "$wait" 9 || refuse ${EXIT.lockBusy} "another restart holds the lock of this node"
fence=0
if [ -e "$directory/fence" ]; then
  read -r fence <"$directory/fence" || fence=
fi
case $fence in
"" | *[!0-9]*) refuse ${EXIT.fenceUnreadable} "$directory/fence holds no token" ;;
esac
[ "$token" -ge "$fence" ] || refuse ${EXIT.staleToken} "our fencing token $token is stale, this node has seen $fence"
if [ -n "$marker" ] && [ -e "$marker" ]; then refuse ${EXIT.stoppedOnPurpose} "$marker exists"; fi
id=$(property InvocationID) || refuse ${EXIT.restartFailed} "systemctl show failed"
[ -n "$id" ] || refuse ${EXIT.notActive} "the unit does not run"
[ "$id" = "$expected" ] || refuse ${EXIT.alreadyRestarted} "it is $id now"
state=$(property ActiveState) || refuse ${EXIT.restartFailed} "systemctl show failed"
[ "$state" = active ] || refuse ${EXIT.notActive} "the unit is $state"
read -r uptime rest </proc/uptime
[ "\${uptime%%.*}" -lt "$latest" ] || refuse ${EXIT.tooLate} "the command came too late"
echo "$token" >"$directory/fence.new" && mv -f -- "$directory/fence.new" "$directory/fence" ||
  refuse ${EXIT.fenceUnreadable} "cannot write $directory/fence"
systemctl restart -- "$unit" 9>&- || { echo "quorate-restart failed: exit code $?"; exit ${EXIT.restartFailed}; }
echo "quorate-restart restarted: $(property InvocationID) $(property MainPID)"`;
