import { diagnose } from "./diagnose.ts";
import { cat, test } from "./files.ts";
import { journalctl } from "./journalctl.ts";
import { type Command, type CommandIo, type Machine, uptimeSeconds } from "./machine.ts";
import { restartScript } from "./restart.ts";
import { ShellError, splitWords } from "./shell-words.ts";
import { systemctl } from "./systemctl.ts";

/** sh's exit codes for a program that is not there and for a line that it cannot read; timeout's for one that took too long. */
const EXIT = { notFound: 127, syntax: 2, timedOut: 124, terminated: 143 } as const;

/** How long a small program takes from its start to its end on an idle node. */
const SMALL_MS = 3;

const PROGRAMS: Readonly<Record<string, Command>> = {
  env: runInEnvironment,
  sudo: runAsRoot,
  timeout: runBounded,
  sh: runScript,
  systemctl,
  journalctl,
  cat,
  test,
  date: (machine, argv, io) => later(io, () => say(io, dateText(machine, argv.slice(1)))),
  hostname: (machine, _argv, io) => later(io, () => say(io, machine.node.name)),
  uptime: (machine, _argv, io) => later(io, () => say(io, `up ${Math.floor(uptimeSeconds(machine))} s`)),
  id: (_machine, argv, io) =>
    later(io, () => say(io, argv[1] === "-u" ? "0" : "uid=0(root) gid=0(root) groups=0(root)")),
  true: (_machine, _argv, io) => later(io, () => io.exit(0)),
  false: (_machine, _argv, io) => later(io, () => io.exit(1)),
  echo: (_machine, argv, io) => later(io, () => say(io, argv.slice(1).join(" "))),
};

/** Runs a command line as the login shell of the node would. Never throws. */
export function runLine(machine: Machine, line: string, io: CommandIo): void {
  try {
    runArgv(machine, splitWords(line), io);
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    io.err(`sh: 1: ${error.message}\n`);
    io.exit(EXIT.syntax);
  }
}

function runArgv(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const [name = ""] = argv;
  const program = PROGRAMS[name.replace(/^(?:\/usr)?\/bin\//, "")];
  if (program !== undefined) return program(machine, argv, io);
  later(io, () => {
    const known = Object.keys(PROGRAMS).sort().join(", ");
    io.err(`sh: 1: ${name}: not found (the lab's nodes have: ${known})\n`);
    io.exit(EXIT.notFound);
  });
}

/** Runs `end` when a small program would have done its work. */
function later(io: CommandIo, end: () => void): void {
  io.process.after(SMALL_MS, end);
}

function say(io: CommandIo, text: string): void {
  io.out(`${text}\n`);
  io.exit(0);
}

/** `env NAME=VALUE... argv`: no command here looks at its environment. */
function runInEnvironment(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const first = argv.findIndex((word, index) => index > 0 && !word.includes("="));
  if (first === -1) return io.exit(0);
  runArgv(machine, argv.slice(first), io);
}

/** Every login is root here. */
function runAsRoot(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const first = argv.findIndex((word, index) => index > 0 && !word.startsWith("-"));
  runArgv(machine, argv.slice(first), io);
}

/** `timeout [-k N] SECONDS argv`. */
function runBounded(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const at = argv[1] === "-k" ? 3 : 1;
  const seconds = Number(argv[at]);
  let isOver = false;
  const kills: (() => void)[] = [];
  const exit = (code: number): void => {
    if (isOver) return;
    isOver = true;
    io.exit(code);
  };
  io.process.after(seconds * 1000, () => {
    if (!isOver) for (const kill of kills) kill();
    exit(EXIT.timedOut);
  });
  runArgv(machine, argv.slice(at + 1), { ...io, exit, onKill: (listener) => kills.push(listener) });
}

/**
 * `sh -c SCRIPT NAME argv...`: no shell is here, so the scripts that are known are acted out by what they mean. Each is
 * known by its name, which its author gave it.
 */
function runScript(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const [, option, script = "", name = "", ...words] = argv;
  if (option === "-c" && name === "quorate-unit") {
    io.out(`${Math.floor(machine.node.host.clock.nowMs())}\n`);
    return runArgv(machine, words, io);
  }
  if (option === "-c" && name === "quorate-diagnose")
    return later(io, () => say(io, diagnose(machine, words[0] ?? "")));
  if (option === "-c" && name === "quorate-restart") return restartScript(machine, words, io);
  if (option === "-c" && name === "quorate-leash") return runOnLeash(machine, words, io);
  if (option === "-c" && script.startsWith("echo quorate-ready $(id -u); exec cat >/dev/null")) {
    io.out("quorate-ready 0\n");
    return io.onInputEnd(() => io.exit(0));
  }
  if (option === "-c" && name === "") return runLine(machine, script, io);
  io.err(`sh: 1: the lab's nodes have no shell, and know no script ${JSON.stringify(name)}\n`);
  io.exit(EXIT.notFound);
}

/** Runs a command and ends it with its standard input. */
function runOnLeash(machine: Machine, argv: readonly string[], io: CommandIo): void {
  const kills: (() => void)[] = [];
  let isOver = false;
  const exit = (code: number): void => {
    if (isOver) return;
    isOver = true;
    io.exit(code);
  };
  io.onInputEnd(() => {
    for (const kill of kills) kill();
    exit(EXIT.terminated);
  });
  runArgv(machine, argv, { ...io, exit, onInputEnd: () => {}, onKill: (listener) => kills.push(listener) });
}

/** `date +%s%3N`, `date +%s`, or the date as people read it. */
function dateText({ node: { host } }: Machine, words: readonly string[]): string {
  const nowMs = Math.floor(host.clock.nowMs());
  if (words[0] === "+%s%3N") return String(nowMs);
  if (words[0] === "+%s") return String(Math.floor(nowMs / 1000));
  return new Date(nowMs).toISOString().replace("T", " ").replace("Z", " UTC");
}
