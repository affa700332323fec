import { type Command, InvalidArgumentError } from "commander";

/** What the lab's commands need of the command line that they are part of. */
export interface Surroundings {
  /** Takes the exit code of the command that ran. */
  readonly done: (exitCode: number) => void;
  /** The error of a mistake in flags or set-up: told in one line. */
  readonly mistake: (message: string) => Error;
}

/** Makes a command's work its action: hands its exit code on, and tells what is wrong with the lab as a mistake. */
export function actionWith({ done, mistake }: Surroundings) {
  return <T extends unknown[]>(command: (...given: T) => Promise<number>) =>
    async (...given: T): Promise<void> => {
      const { LabError } = await import("../serve/state/directory.ts");
      try {
        done(await command(...given));
      } catch (error) {
        throw error instanceof LabError ? mistake(error.message) : error;
      }
    };
}

export function withDirectory(command: Command): Command {
  return command.option(
    "--dir <directory>",
    "the lab's directory (default: quorate-lab in the user's runtime directory)",
  );
}

/** For commander; throws InvalidArgumentError. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) throw new InvalidArgumentError("a whole number");
  return count;
}

/** For commander; throws InvalidArgumentError. */
export function parseSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() === "" || !Number.isFinite(speed) || speed <= 0) throw new InvalidArgumentError("a number above 0");
  return speed;
}
