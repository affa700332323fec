import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

/** Where people and programs of this machine knock: a real listener that is there only while its process of the world listens. */
export interface Door {
  /** Opens or closes the listener as the world has it now. Call it after each piece of world time. */
  follow(): void;
  /** Ends the listener and all connections through it. */
  close(): void;
}

export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

export interface DoorOptions {
  readonly place: Place;
  /** Whether something listens there now. */
  readonly isOpen: () => boolean;
  readonly accept: (socket: Socket) => void;
}

export function createDoor({ place, isOpen, accept }: DoorOptions): Door {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let isClosed = false;

  function open(): void {
    if ("path" in place) rmSync(place.path, { force: true });
    const made = createServer((socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
      accept(socket);
    });
    // Somebody took the port while it was closed: tried again at the next look.
    made.on("error", () => {
      if (server === made) server = null;
    });
    server = made.listen(place);
  }

  function shut(): void {
    server?.close();
    server = null;
  }

  return {
    follow: () => {
      if (isClosed || isOpen() === (server !== null)) return;
      if (server === null) open();
      else shut();
    },
    close: () => {
      isClosed = true;
      shut();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The wanted port of a loopback address, or a free one when it is taken. Throws with one clear line when the address cannot be used. */
export async function choosePort(host: string, wanted: number): Promise<number> {
  return (
    (await tryPort(host, wanted)) ?? (await tryPort(host, 0)) ?? Promise.reject(new Error(`${host}: no free port`))
  );
}

function tryPort(host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(null);
      else
        reject(
          new Error(
            `${host}: this machine does not answer on this loopback address (${error.code ?? error.message}); the lab needs 127.0.0.0/8, as Linux has it`,
          ),
        );
    });
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}
