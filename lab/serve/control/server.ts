import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { FaultRequest, LabFaults } from "../faults.ts";
import { LabError } from "../state/directory.ts";
import type { LabStatus } from "../status.ts";
import type { RealTime } from "../time/real-time.ts";

export interface ControlOptions {
  readonly path: string;
  readonly time: RealTime;
  readonly faults: LabFaults;
  readonly status: () => LabStatus;
  /** Asked to end the lab. */
  readonly down: () => void;
  /** More of them, by `METHOD /path`; they run in the world's now. */
  readonly acts?: ControlActs;
}

/** What a request to the control socket does; what it returns is the answer. A LabError is told to who asked. */
export type ControlActs = Readonly<Record<string, (body: unknown) => unknown>>;

export interface ControlServer {
  close(): void;
}

/** The lab's control socket: JSON over HTTP, for `quorate lab status`, `fault`, `heal` and `down`. */
export async function openControl(options: ControlOptions): Promise<ControlServer> {
  rmSync(options.path, { force: true });
  const server = createServer((request, response) => {
    void readJson(request).then((body) => answer(request, body, response, options));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.path, resolve);
  });
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Only our own user reaches the socket: what comes is what our client sends. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString("utf8");
  return text === "" ? null : (JSON.parse(text) as unknown);
}

function answer(
  request: IncomingMessage,
  body: unknown,
  response: ServerResponse,
  { time, faults, status, down, acts: moreActs = {} }: ControlOptions,
): void {
  const send = (code: number, value: unknown) => {
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  const acts: ControlActs = {
    ...moreActs,
    "GET /status": status,
    "POST /fault": () => faults.start(body as FaultRequest),
    "POST /heal": () => faults.heal(),
    "POST /down": () => {
      response.once("finish", down);
      return { ok: true };
    },
  };
  const act = acts[`${request.method} ${request.url}`];
  if (act === undefined) return send(404, { error: "no such act" });
  time.enter(() => {
    try {
      send(200, act(body));
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      send(400, { error: error.message });
    }
  });
}
