import { parseDuration, type Args } from "../args.ts";
import { conditionOf } from "../conditions.ts";
import { clockText, spanText } from "../print.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";
import { waitFor } from "../waiting.ts";

const DAY_MS = 86_400_000;

export const wait: Verb = {
  id: "wait",
  usage: "wait 30s | wait 20:04:00 | wait 60s until CONDITION: lets time pass",
  run: async ({ play }, args) => {
    const { sim, runUntil } = play.driver;
    const fromMs = sim.nowMs();
    const untilMs = endOf(play, args);
    if (args.wordIf("until") === null) {
      args.end();
      await runUntil(untilMs);
      return [play.now()];
    }
    const condition = conditionOf(play, args);
    args.end();
    const holds = await waitFor(play, condition.holds, untilMs - fromMs);
    if (!holds) return [`${play.now()} not within ${spanText(untilMs - fromMs)}: ${condition.text}`];
    return [`${play.now()} ${condition.text}, after ${spanText(sim.nowMs() - fromMs)}`];
  },
};

/** A span from now, or the next time that the clock shows that. */
function endOf(play: Play, args: Args): number {
  const nowMs = play.driver.sim.nowMs();
  const word = args.word("how long");
  const durationMs = parseDuration(word);
  if (durationMs !== null) return nowMs + durationMs;
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(word) ?? [];
  if (hours === undefined || minutes === undefined) return args.fail(`${word} is no duration and no time`);
  const atMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0)) * 1000;
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS + atMs;
  if (todayMs < nowMs && nowMs - todayMs < DAY_MS / 2) {
    return args.fail(`it is already ${clockText(nowMs, nowMs)}`);
  }
  return todayMs < nowMs ? todayMs + DAY_MS : todayMs;
}
