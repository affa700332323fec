/**
 * How often the taps read and how long they wait. All in ms. The sum of what a node serves for one observer stays below
 * 40 small requests a second in the first two seconds and below 15 after that.
 */
export const TAP_TIMING = {
  /** systemd is asked by one command per unit: over ssh that is a channel each. */
  unitEveryMs: 2000,
  unitDeadlineMs: 4000,
  /** A leader change shows within one read; four small frames from local memory. */
  memberEveryMs: 1000,
  /** A frozen member accepts the connection and never answers; a healthy one answers in 1 to 5 ms. */
  memberDeadlineMs: 2000,
  /** The poll of the datastore runs once a second, so reading the store faster shows little more in the long run. */
  storeEveryMs: 1000,
  /** At first twice as often: a first answer within 8 s has only seconds to see a heartbeat pass. */
  storeFirstEveryMs: 500,
  storeFirstForMs: 10_000,
  /** Healthy reads take 3 to 14 ms; the apiserver's own health probe gives up after 2 s. */
  storeDeadlineMs: 1500,
  /** A Watch that ended is opened anew after this pause. */
  feedReopenMs: 1000,
  /** A frozen cache answers the consistent LIST after 3 s; a second one right after it is the proof. */
  cacheEveryMs: 3000,
  cacheFollowUpMs: 200,
  /** 3 s of the apiserver's own wait, then a fallback read of the store. */
  cacheDeadlineMs: 7000,
  leaseEveryMs: 2000,
  leaseDeadlineMs: 3000,
  /** The poll's counter grows once a second: two seconds between two reads always show it. */
  metricsEveryMs: 2500,
  metricsDeadlineMs: 2000,
  /** Reading 5 minutes of one unit's journal costs the node some 50 ms. */
  lockErrorsEveryMs: 60_000,
  lockErrorsWindowMs: 300_000,
  lockErrorsDeadlineMs: 5000,
} as const;
