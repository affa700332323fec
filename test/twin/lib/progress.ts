// SPDX-License-Identifier: Apache-2.0

/** Where long operations report what they do. Tests may pass a silent one. */
export type Progress = (line: string) => void;

export const silent: Progress = () => {};

/** One line per step with the time since the start, to standard error, so standard output stays for answers. */
export function progressToStderr(): Progress {
  const startMs = performance.now();
  return (line) => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds}s  ${line}\n`);
  };
}
