/** dqlite's defaults: 500 ms heartbeats, an election timeout of 3 s that each member draws anew as 1 to 2 times that. */
export const HEARTBEAT_MS = 500;
export const ELECTION_MS = { min: 3000, max: 6000 } as const;

/** What stood in a socket's buffers goes on sooner than the next heartbeat. */
export const RESEND_MS = 20;

/** A leader looks each election timeout whether it heard a majority in it: seen on real nodes up to 5 s after the loss. */
export const STEP_DOWN_MS = { min: 3000, max: 5000 } as const;

/** Writing its own vote and term. */
export const VOTE_MS = 5;

/** The last entries go over and the other is told to stand at once. */
export const TRANSFER_MS = { min: 5, max: 30 } as const;

/** Entries that a member which was away takes in per ms. */
export const CATCH_UP_PER_MS = 10;
