/** How long the steps of a run wait. All in ms. */
export const RECOVER_TIMING = {
  /**
   * To decide: the taps' first round, one heartbeat, and the 6 s that prove a frozen cache; a sustained loss of the
   * leader takes 7.5 s. Past it whatever is still open refuses as unknown.
   */
  decideMs: 15_000,
  /** Reading or writing the lock's Lease: healthy 10 to 30 ms. A write that waits longer meets a contended writer. */
  lockMs: 5000,
  /**
   * The fenced restart: `systemctl restart` waits for the old process to end, which hands over leadership and its voter
   * role within its own budget of 30 s (k8s-dqlite's SIGTERM path), then returns at once.
   */
  restartMs: 45_000,
  /** Observing whether an unanswered restart happened: past the restart's own longest time. */
  settleMs: 60_000,
  settleEveryMs: 1000,
  settleReadMs: 5000,
  /**
   * The cure: the wrapper sleeps 6 s, the socket appears, up to 5 min of history are replayed on a busy cluster, the
   * caches follow. Measured on three real nodes: 9 to 16 s when the feed had died a minute before, 40 to 42 s when it
   * had been dead for longer than compaction keeps (the apiserver then lists anew). Past it the rung counts as still
   * broken, and restarting kubelite too early would only disturb.
   */
  proveMs: 120_000,
} as const;
