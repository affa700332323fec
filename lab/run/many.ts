import { cpus } from "node:os";
import { Worker } from "node:worker_threads";

/** What a worker is asked, and what it answers: plain data both ways. */
export interface Task {
  readonly kind: "seed" | "mutation";
  readonly seed?: number;
  readonly days?: number;
  readonly without?: readonly string[];
  readonly mutation?: string;
  readonly seedsMax?: number;
}

export interface ManyOptions<Answer> {
  readonly tasks: readonly Task[];
  /** Default: one for each core. */
  readonly jobs?: number;
  readonly onAnswer: (answer: Answer, done: number) => void;
  /** Asked after each answer: true gives out no more tasks. */
  readonly isEnough?: () => boolean;
}

/** Runs tasks on all cores, in worker threads; resolves when all are answered. */
export async function runMany<Answer>({ tasks, jobs, onAnswer, isEnough }: ManyOptions<Answer>): Promise<void> {
  const count = Math.max(1, Math.min(jobs ?? cpus().length, tasks.length));
  let next = 0;
  let done = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url));
      const give = (): void => {
        const task = isEnough?.() === true ? undefined : tasks[next];
        if (task === undefined) {
          void worker.terminate().then(() => resolve());
          return;
        }
        next += 1;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port is no window
        worker.postMessage(task);
      };
      worker.on("message", (answer: Answer) => {
        done += 1;
        onAnswer(answer, done);
        give();
      });
      worker.on("error", reject);
      give();
    });
  await Promise.all(Array.from({ length: count }, work));
}
