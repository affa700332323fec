import { type Scene, scene } from "./question.ts";
import { cureDeadFeed } from "./questions/cure-dead-feed.ts";
import { deadFeedReads } from "./questions/dead-feed-reads.ts";
import { deadFeedSigns } from "./questions/dead-feed-signs.ts";
import { deadFeedWatches } from "./questions/dead-feed-watches.ts";
import { getRevision } from "./questions/get-revision.ts";
import { heldStreams } from "./questions/held-streams.ts";
import { kcmStall } from "./questions/kcm-stall.ts";
import { killLeader } from "./questions/kill-leader.ts";
import { leaseDeleted } from "./questions/lease-deleted.ts";
import { leaseEmptied } from "./questions/lease-emptied.ts";
import { leaseOverwritten } from "./questions/lease-overwritten.ts";
import { listBusyResource } from "./questions/list-busy-resource.ts";
import { listExactRevision } from "./questions/list-exact-revision.ts";
import { listIdleResource } from "./questions/list-idle-resource.ts";
import { listUntouchedResource } from "./questions/list-untouched-resource.ts";
import { partialFreeze } from "./questions/partial-freeze.ts";
import { pause12 } from "./questions/pause-12.ts";
import { pause26 } from "./questions/pause-26.ts";
import { pause30 } from "./questions/pause-30.ts";
import { restartKubeliteOnly } from "./questions/restart-kubelite-only.ts";
import { restartLeader } from "./questions/restart-leader.ts";
import { restartUnit } from "./questions/restart-unit.ts";
import { watchDelivery } from "./questions/watch-delivery.ts";
import { watchProgress } from "./questions/watch-progress.ts";
import { openDeadFeed } from "./scenes/dead-feed.ts";
import { pauseLeader, revive } from "./scenes/pause.ts";
import { openSlowReader } from "./scenes/slow-reader.ts";
import { openSteady } from "./scenes/steady.ts";

/** All that is asked of both worlds, scene by scene. A test compares it with the folder of questions. */
export const SCENES: readonly Scene[] = [
  scene({
    id: "steady",
    open: openSteady,
    questions: [
      [listIdleResource, listUntouchedResource, listBusyResource, watchProgress],
      [listExactRevision, getRevision, watchDelivery],
      restartUnit,
      restartLeader,
      killLeader,
    ],
  }),
  scene({
    id: "slow-reader",
    open: openSlowReader,
    questions: [heldStreams, leaseOverwritten, leaseDeleted, leaseEmptied, partialFreeze],
  }),
  scene({ id: "pause-12", open: (world) => pauseLeader(world, 12), questions: [pause12] }),
  scene({
    id: "dead-feed",
    open: openDeadFeed,
    questions: [
      [pause26, deadFeedSigns, deadFeedWatches, deadFeedReads, kcmStall],
      [cureDeadFeed, restartKubeliteOnly],
    ],
    close: async ({ world, watch }) => {
      watch.close();
      await revive(world);
    },
  }),
  scene({
    id: "pause-30",
    open: (world) => pauseLeader(world, 30),
    questions: [pause30],
    close: ({ world }) => revive(world),
  }),
];
