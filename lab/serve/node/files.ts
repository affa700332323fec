import { type Command, type Machine, uptimeSeconds } from "./machine.ts";

/** cat and test take a millisecond or two on a warm node. */
const READ_MS = 2;

/** A file's content as root reads it; undefined when there is none. */
export function readNodeFile(machine: Machine, path: string): string | undefined {
  if (path === "/proc/uptime") return `${uptimeSeconds(machine).toFixed(2)} ${uptimeSeconds(machine).toFixed(2)}\n`;
  if (path === "/etc/hostname") return `${machine.node.name}\n`;
  return machine.node.host.files.get(path) ?? machine.file(path);
}

/** `cat -- PATH...`. */
export const cat: Command = (machine, argv, io) => {
  const paths = argv.slice(1).filter((word) => word !== "--");
  io.process.after(READ_MS, () => {
    let code = 0;
    for (const path of paths) {
      const content = readNodeFile(machine, path);
      if (content === undefined) {
        io.err(`cat: ${path}: No such file or directory\n`);
        code = 1;
      } else io.out(content);
    }
    io.exit(code);
  });
};

/** `test -e PATH`, also `-f`, `-s` and `-S`. */
export const test: Command = (machine, argv, io) => {
  const [, option = "", path = ""] = argv;
  io.process.after(READ_MS, () => {
    const content = readNodeFile(machine, path);
    const isSocket = machine.socket(path) !== "missing";
    if (option === "-e") return io.exit(content !== undefined || isSocket ? 0 : 1);
    if (option === "-f") return io.exit(content === undefined ? 1 : 0);
    if (option === "-s") return io.exit((content ?? "") === "" ? 1 : 0);
    if (option === "-S") return io.exit(isSocket ? 0 : 1);
    io.err(`test: ${option}: unary operator expected\n`);
    io.exit(2);
  });
};
