/**
 * What a member of the datastore said, as far as voter arithmetic needs it. Structural on purpose: this room imports
 * nothing, and the model's `Reading<DqliteMember>` and a `dqlite` observation fit as they are.
 */

export interface ListedServer {
  /** Decimal; 64 bits, so never a number. */
  readonly id: string;
  readonly address: string;
  readonly role: "voter" | "stand-by" | "spare";
}

export interface MemberSays {
  /** The address that was asked. */
  readonly address: string;
  /** Whom it names as leader, null when none. A stand-by or spare always names none. */
  readonly leader: { readonly id: string; readonly address: string } | null;
  readonly servers: readonly ListedServer[];
}

/** The three-valued answer: what the member says, or why it could not be asked. */
export type MemberReading =
  | { readonly known: true; readonly value: MemberSays }
  | { readonly known: false; readonly reason: string; readonly detail: string };

export interface AskedMember {
  /**
   * Who was asked. No answer of the protocol tells a member's own id; it stands in that member's `info.yaml`.
   * Without it the id is looked up by the asked address, which fails when the list spells the address otherwise.
   */
  readonly member?: { readonly id?: string; readonly address: string };
  readonly reading: MemberReading;
}

/** The member's own id, or null when it cannot be told. */
export function ownId(asked: AskedMember, servers: readonly ListedServer[]): string | null {
  if (asked.member?.id !== undefined) return asked.member.id;
  const address = asked.member?.address ?? (asked.reading.known ? asked.reading.value.address : undefined);
  const matches = servers.filter((server) => server.address === address);
  return matches.length === 1 ? (matches[0]?.id ?? null) : null;
}
