import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { DatastoreEvent, WatchHandlers, WatchQuery } from "./datastore.ts";
import type { Poll } from "./poll.ts";

/** One Watch stream as the server sees it. */
export interface Stream {
  readonly client: Process;
  readonly query: WatchQuery;
  readonly handlers: WatchHandlers;
  /** It gets what is later than this revision. */
  after: number;
  /** It is neither closed nor ended. */
  isOpen: boolean;
  /** Its group was stopped: open and mute, for good. */
  isMute: boolean;
  /** After its first event a stream gets no periodic progress any more. */
  hadEvent: boolean;
  /** The poll's round when it was opened: it knows no revision before the next one. */
  readonly openedAtRound: number;
  /** The last revision that its loop saw, while that loop stands still or is mute; null while it keeps up. */
  heldRevision: number | null;
  /** Its channel while its loop stands still; null while it keeps up. */
  channel: Update[] | null;
  /** Sent to a client that does not read, in bytes. */
  unreadBytes: number;
  /** What a fault holds back. */
  readonly withheld: (() => void)[];
}

interface Update {
  readonly events: readonly DatastoreEvent[];
  readonly revision: number;
}

export interface Streams {
  open(client: Process, query: WatchQuery, handlers: WatchHandlers): Stream;
  /** Events of the past, then the channel: the stream is created. */
  created(stream: Stream, past: readonly DatastoreEvent[]): void;
  end(stream: Stream, reason: string): void;
  close(stream: Stream): void;
  /** What a poll brought, also nothing. */
  publish(events: readonly DatastoreEvent[]): void;
  progress(stream: Stream): void;
  periodicProgress(): void;
  mute(prefix: string): void;
  mutedPrefixes(): readonly string[];
  /** Holds back what streams of that program (null: of all) are sent. */
  hold(program: string | null): () => void;
  all(): Iterable<Stream>;
}

/** Two things take what a client does not read: grpc-go's window of 64 KiB for a stream, and as much in the server's send quota. */
const UNREAD_BYTES_MAX = 128 * 1024;

/** Keys whose watchers are remembered: those that are written all the time, Leases above all. */
const ROUTES_MAX = 1000;

/** Slots of the subscriber's channel before 1.6, which closes a watch that is full. */
const OLD_SLOTS = 100;

export function createStreams(poll: () => Poll, release: Release): Streams {
  const open = new Set<Stream>();
  const byPrefix = new Map<string, Set<Stream>>();
  /** Whose loop stands still. */
  const standing = new Set<Stream>();
  /** By key, who of `byPrefix` watches it; made anew after each change of it. */
  const routes = new Map<string, readonly Set<Stream>[]>();
  const holds: { readonly program: string | null }[] = [];

  const isHeld = ({ client }: Stream) => holds.some(({ program }) => program === null || program === client.program);

  function revisionOf(stream: Stream): number {
    if (stream.heldRevision !== null) return stream.heldRevision;
    return poll().rounds > stream.openedAtRound ? poll().revision : 0;
  }

  /** To the client, in order, in its own time. */
  function send(stream: Stream, run: () => void): void {
    const inClient = () => (stream.isOpen ? run() : undefined);
    if (isHeld(stream) || stream.withheld.length > 0) stream.withheld.push(inClient);
    else stream.client.deliver(inClient);
  }

  /** Nothing is between the server and the client's handlers: the usual case, which shall cost nothing. */
  const isDirect = ({ client, withheld, isOpen }: Stream) =>
    isOpen && holds.length === 0 && withheld.length === 0 && client.state === "running";

  function sendProgress(stream: Stream): void {
    const revision = revisionOf(stream);
    if (isDirect(stream)) stream.handlers.onProgress(revision);
    else send(stream, () => stream.handlers.onProgress(revision));
  }

  function sendEvents(stream: Stream, events: readonly DatastoreEvent[], revision: number): void {
    stream.hadEvent = true;
    if (isDirect(stream)) stream.handlers.onEvents(events, revision);
    else sendLater(stream, events, revision);
  }

  function sendLater(stream: Stream, events: readonly DatastoreEvent[], revision: number): void {
    if (stream.client.state !== "paused" || isHeld(stream)) {
      return send(stream, () => stream.handlers.onEvents(events, revision));
    }
    const bytes = JSON.stringify(events).length;
    stream.unreadBytes += bytes;
    send(stream, () => {
      stream.unreadBytes -= bytes;
      stream.handlers.onEvents(events, revision);
    });
    if (stream.unreadBytes > UNREAD_BYTES_MAX) stand(stream, revision);
  }

  /** Its loop cannot send: the channel behind it fills. */
  function stand(stream: Stream, revision: number): void {
    stream.heldRevision = revision;
    stream.channel = [];
    standing.add(stream);
    send(stream, () => goOn(stream));
  }

  /** The client reads again: what the channel held arrives. What came after it was full does not exist for this stream. */
  function goOn(stream: Stream): void {
    const due = stream.channel ?? [];
    stream.channel = null;
    standing.delete(stream);
    stream.heldRevision = stream.isMute ? (due.at(-1)?.revision ?? stream.heldRevision) : null;
    for (const update of due) {
      // It may stand still again on the way.
      if (isStanding(stream)) offer(stream, update);
      else if (update.events.length > 0) sendEvents(stream, update.events, update.revision);
    }
  }

  function offer(stream: Stream, update: Update): void {
    const { channel } = stream;
    if (channel === null || stream.isMute) return;
    if (channel.length < (release.streamSlots ?? OLD_SLOTS)) channel.push(update);
    else if (release.streamSlots === null) end(stream, "watch closed");
    else stop(stream);
  }

  /** Its group is stopped. The stream is not told, and stays open. */
  function stop(stream: Stream): void {
    stream.heldRevision ??= revisionOf(stream);
    stream.isMute = true;
    forget(stream);
  }

  function offerAll(stream: Stream, events: readonly DatastoreEvent[]): void {
    const { query, after } = stream;
    const mine = events.filter(({ key, revision }) => revision > after && key.startsWith(query.prefix));
    offer(stream, { events: mine, revision: poll().revision });
  }

  function publish(events: readonly DatastoreEvent[]): void {
    if (standing.size > 0) for (const stream of standing) offerAll(stream, events);
    if (events.length === 0) return;
    if (events.length > 1) {
      for (const [streams, matching] of routed(events)) for (const stream of streams) pass(stream, matching);
      return;
    }
    // One event is the usual poll: nothing is sorted, nothing is made.
    for (const streams of routesOf((events[0] as DatastoreEvent).key))
      for (const stream of streams) pass(stream, events);
  }

  /** Which events go to which streams. */
  function routed(events: readonly DatastoreEvent[]): Map<Set<Stream>, DatastoreEvent[]> {
    const found = new Map<Set<Stream>, DatastoreEvent[]>();
    for (const event of events) {
      for (const streams of routesOf(event.key)) {
        const matching = found.get(streams);
        if (matching === undefined) found.set(streams, [event]);
        else matching.push(event);
      }
    }
    return found;
  }

  function routesOf(key: string): readonly Set<Stream>[] {
    let some = routes.get(key);
    if (some === undefined) {
      if (routes.size >= ROUTES_MAX) routes.clear();
      some = [...byPrefix].filter(([prefix]) => key.startsWith(prefix)).map(([, streams]) => streams);
      routes.set(key, some);
    }
    return some;
  }

  function pass(stream: Stream, matching: readonly DatastoreEvent[]): void {
    if (isStanding(stream)) return;
    const isAllNew = (matching[0] as DatastoreEvent).revision > stream.after;
    const events = isAllNew ? matching : matching.filter(({ revision }) => revision > stream.after);
    if (events.length > 0) sendEvents(stream, events, poll().revision);
  }

  /** It takes part in nothing any more. */
  function forget(stream: Stream): void {
    const streams = byPrefix.get(stream.query.prefix);
    streams?.delete(stream);
    if (streams?.size !== 0) return;
    byPrefix.delete(stream.query.prefix);
    routes.clear();
  }

  function close(stream: Stream): void {
    stream.isOpen = false;
    open.delete(stream);
    standing.delete(stream);
    forget(stream);
  }

  function end(stream: Stream, reason: string): void {
    if (!stream.isOpen) return;
    close(stream);
    stream.client.deliver(() => stream.handlers.onEnd(reason));
  }

  return {
    open: (client, query, handlers) => {
      const stream: Stream = {
        client,
        query,
        handlers,
        after: query.afterRevision ?? poll().revision,
        isOpen: true,
        isMute: false,
        hadEvent: false,
        openedAtRound: poll().rounds,
        heldRevision: null,
        channel: [],
        unreadBytes: 0,
        withheld: [],
      };
      open.add(stream);
      standing.add(stream);
      let streams = byPrefix.get(query.prefix);
      if (streams === undefined) {
        byPrefix.set(query.prefix, (streams = new Set()));
        routes.clear();
      }
      streams.add(stream);
      return stream;
    },
    created: (stream, past) => {
      send(stream, () => stream.handlers.onCreated(0));
      if (past.length > 0) sendEvents(stream, past, (past.at(-1) as DatastoreEvent).revision);
      goOn(stream);
    },
    end,
    close,
    publish,
    progress: sendProgress,
    periodicProgress: () => {
      for (const stream of open) {
        if (!stream.query.periodicProgress || stream.hadEvent || stream.channel !== null) continue;
        sendProgress(stream);
      }
    },
    mute: (prefix) => {
      for (const stream of open) if (stream.query.prefix === prefix) stop(stream);
    },
    mutedPrefixes: () => {
      const muted = new Set<string>();
      for (const { isMute, query } of open) if (isMute) muted.add(query.prefix);
      return [...muted];
    },
    hold: (program) => {
      const mine = { program };
      holds.push(mine);
      return () => {
        const at = holds.indexOf(mine);
        if (at < 0) return;
        holds.splice(at, 1);
        for (const stream of open) {
          if (!isHeld(stream)) for (const run of stream.withheld.splice(0)) stream.client.deliver(run);
        }
      };
    },
    all: () => open,
  };
}

function isStanding({ channel }: Stream): boolean {
  return channel !== null;
}
