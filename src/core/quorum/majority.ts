/** Raft's majority: `floor(voters / 2) + 1`. Throws RangeError unless `voters` is a whole number of at least 0. */
export function majority(voters: number): number {
  assertCount("voters", voters);
  return Math.floor(voters / 2) + 1;
}

/** How many voters may be down while the rest still is a majority; 0 for a cluster of no voters. */
export function tolerates(voters: number): number {
  return Math.max(0, voters - majority(voters));
}

/** What a restart of one member is asked about. Only voters count: stand-bys and spares have no vote. */
export interface RestartQuestion {
  /** Voters in the configuration. A restart does not shrink it: the restarted voter is down but still counted. */
  readonly voters: number;
  /** Voters that are known to be healthy now. A voter that could not be asked is not one of them. */
  readonly healthyVoters: number;
  /** Whether the member to be restarted is one of `healthyVoters`. */
  readonly restartsHealthyVoter: boolean;
}

/** Healthy voters while the restarted member is down. Throws RangeError for counts that cannot be. */
export function healthyAfterRestart(question: RestartQuestion): number {
  assertCount("voters", question.voters);
  assertCount("healthyVoters", question.healthyVoters);
  if (question.healthyVoters > question.voters) throw new RangeError("more healthy voters than voters");
  if (!question.restartsHealthyVoter) return question.healthyVoters;
  if (question.healthyVoters === 0) throw new RangeError("the restarted voter is healthy, but no voter is");
  return question.healthyVoters - 1;
}

/**
 * Whether the voters that stay healthy during the restart are a majority of all voters. Also false when there was no
 * majority before: a cluster that lost its quorum is for people.
 */
export function restartKeepsMajority(question: RestartQuestion): boolean {
  return healthyAfterRestart(question) >= majority(question.voters);
}

function assertCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number, got ${value}`);
}
