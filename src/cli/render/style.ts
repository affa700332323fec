import { styleText } from "node:util";
import type { RungState } from "../../core/model/verdict.ts";

/** Where a page is drawn to: colour only on a terminal, and never when NO_COLOR is set. */
export interface Canvas {
  readonly colour: boolean;
}

type Ink = "red" | "yellow" | "green" | "magenta" | "dim" | "bold";

/** The text in a colour, or as it is. */
export function ink(canvas: Canvas, colour: Ink, text: string): string {
  return canvas.colour ? styleText(colour, text, { validateStream: false }) : text;
}

const INK_BY_STATE: Readonly<Record<RungState, Ink>> = {
  ok: "green",
  degraded: "yellow",
  broken: "red",
  unknown: "magenta",
};

/** A rung's state in its colour. */
export function stateText(canvas: Canvas, state: RungState, text: string = state): string {
  return ink(canvas, INK_BY_STATE[state], text);
}

/** Whether the stream shows colour. */
export function canvasFor(stream: NodeJS.WriteStream): Canvas {
  return { colour: stream.isTTY && process.env["NO_COLOR"] === undefined };
}

/** Control characters of foreign text (log lines, error messages) never reach a terminal. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters to keep out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\u00b7");
}
