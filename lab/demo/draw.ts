import { styleText } from "node:util";
import { RUNG_IDS, type RungState } from "../../src/core/model/verdict.ts";
import { clockText, spanText } from "../scenarios/print.ts";
import type { DemoEvent, LadderRow, SummaryRow } from "./event.ts";

type Ink = "red" | "yellow" | "green" | "magenta" | "cyan" | "dim" | "bold";

/** Text in a colour, or as it is where there is none. */
export type Paint = (ink: Ink, text: string) => string;

export function paintFor(hasColour: boolean): Paint {
  return (ink, text) => (hasColour ? styleText(ink, text, { validateStream: false }) : text);
}

const INK_BY_STATE: Readonly<Record<RungState, Ink>> = {
  ok: "green",
  degraded: "yellow",
  broken: "red",
  unknown: "magenta",
};

/** Who speaks: nobody's name is longer. */
const WHO_WIDTH = 8;
const INDENT = " ".repeat(2 + 8 + 2 + WHO_WIDTH + 2);

/** An event as lines of text. */
export function drawEvent(event: DemoEvent, paint: Paint): readonly string[] {
  const say = (who: string, text: string, ink?: Ink): string => {
    const named = ink === undefined ? who.padEnd(WHO_WIDTH) : paint(ink, who.padEnd(WHO_WIDTH));
    return `  ${paint("dim", clockText(event.atMs, event.atMs))}  ${named}  ${text}`;
  };
  switch (event.kind) {
    case "title":
      return drawTitle(event, paint);
    case "chapter":
      return ["", paint("bold", event.title), ""];
    case "injected":
      return [say("script", event.text, "cyan")];
    case "world":
      return [say(event.who, event.text)];
    case "nagios": {
      const ink = event.state === "OK" ? "green" : event.state === "WARNING" ? "yellow" : "red";
      const told = event.state === "OK" ? "" : event.isHard ? " (people are told)" : ` (soft, ${event.attempt} of 3)`;
      return [
        say("Nagios", `${event.check} on ${event.node} ${paint(ink, event.state)}${told}: ${event.text}`, "yellow"),
      ];
    }
    case "quorate":
      return [say("Quorate", event.text, "bold"), ...event.lines.map((line) => paint("dim", `${INDENT}  ${line}`))];
    case "ladder":
      return ["", ...drawLadder(event.rows, paint).map((line) => `${INDENT}${line}`), ""];
    case "look":
      return [say("kubectl", event.text)];
    case "fast-forward": {
      const spanMs = event.untilMs - event.atMs;
      return [paint("dim", `  ... ${spanText(spanMs)} fast-forwarded, until ${clockText(event.untilMs, event.atMs)}`)];
    }
    case "summary":
      return drawSummary(event.rows, paint);
  }
}

function drawTitle(event: Extract<DemoEvent, { kind: "title" }>, paint: Paint): readonly string[] {
  return [
    paint("bold", event.title),
    "",
    `An emulated cluster in virtual time, seed ${event.seed}: ${event.cluster}.`,
    "Quorate in it is the real code, and so it finds what it names. Nothing is written beforehand but the chapters and this script:",
    ...event.script.map((line) => `  ${line}`),
    "Quorate watches while a chapter is told; in hours that are fast-forwarded it looks once every 5 min.",
  ];
}

/** The matrix node by rung as doctor prints it: the cause in capitals. */
function drawLadder(rows: readonly LadderRow[], paint: Paint): readonly string[] {
  const widths = [
    Math.max(4, ...rows.map(({ node }) => node.length)),
    ...RUNG_IDS.map((id) => Math.max(id.length, ...rows.map(({ states }) => states[id].length))),
  ];
  const pad = (text: string, column: number) => " ".repeat((widths[column] ?? 0) - text.length);
  const head = ["NODE", ...RUNG_IDS].map((text, column) => text + pad(text, column)).join("  ");
  const lines = rows.map(({ node, states, cause }) => {
    const cells = RUNG_IDS.map((id, column) => {
      const text = id === cause ? states[id].toUpperCase() : states[id];
      return paint(INK_BY_STATE[states[id]], text) + pad(text, column + 1);
    });
    return [node + pad(node, 0), ...cells].join("  ").trimEnd();
  });
  return [head.trimEnd(), ...lines];
}

/** Columns this wide fit a terminal of 120. */
const SUMMARY_WIDTHS = [34, 40, 40] as const;

function drawSummary(rows: readonly SummaryRow[], paint: Paint): readonly string[] {
  const table = [
    ["WHAT HAPPENED", "THEIR MONITORING", "QUORATE"],
    ...rows.map(({ what, monitoring, quorate }) => [what, monitoring, quorate]),
  ].map((cells) => drawRow(cells));
  const [head = [], ...body] = table;
  return ["", ...head.map((line) => paint("bold", line)), ...body.flatMap((lines) => ["", ...lines])];
}

function drawRow(cells: readonly string[]): readonly string[] {
  const columns = cells.map((text, at) => wrap(text, SUMMARY_WIDTHS[at] ?? 40));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    `  ${columns.map((lines, at) => (lines[line] ?? "").padEnd(SUMMARY_WIDTHS[at] ?? 40)).join("  ")}`.trimEnd(),
  );
}

/** Breaks a text between words into lines of at most `width`; a longer word has its own line. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  // A number stays with its unit.
  for (const word of text.split(/ (?!(?:ms|s|min|h)\b)/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
