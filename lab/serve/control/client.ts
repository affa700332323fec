import { request } from "node:http";
import { LabError, pathsIn } from "../state/directory.ts";

/** A lab answers at once, or it hangs. */
const DEADLINE_MS = 5000;

/** Asks the lab of a directory. Throws LabError: there is none, or what it says is wrong. */
export function askLab<T>(directory: string, method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: pathsIn(directory).control, method, path, timeout: DEADLINE_MS };
    const asked = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      response.on("end", () => {
        const value = JSON.parse(text) as T & { readonly error?: string };
        if (response.statusCode === 200) resolve(value);
        else reject(new LabError(value.error ?? `the lab answered HTTP ${response.statusCode}`));
      });
    });
    asked.on("timeout", () => asked.destroy(new LabError(`the lab in ${directory} does not answer`)));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(isMissing ? new LabError(`no lab runs in ${directory}; start one with quorate lab up`) : error);
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export async function isLabRunning(directory: string): Promise<boolean> {
  try {
    await askLab(directory, "GET", "/status");
    return true;
  } catch {
    return false;
  }
}
