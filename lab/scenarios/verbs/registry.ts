import type { Verb } from "../verb.ts";
import { ansible } from "./ansible.ts";
import { cluster } from "./cluster.ts";
import { doctor } from "./doctor.ts";
import { fault } from "./fault.ts";
import { journal } from "./journal.ts";
import { kubectl } from "./kubectl.ts";
import { ladder } from "./ladder.ts";
import { lead } from "./lead.ts";
import { leaders } from "./leaders.ts";
import { monitoring } from "./monitoring.ts";
import { quorate } from "./quorate.ts";
import { release } from "./release.ts";
import { request } from "./request.ts";
import { restart } from "./restart.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { timeline } from "./timeline.ts";
import { undo } from "./undo.ts";
import { wait } from "./wait.ts";

/** All verbs. A test compares this list with the files. */
export const VERBS = [
  cluster,
  wait,
  fault,
  undo,
  ansible,
  restart,
  stop,
  start,
  lead,
  request,
  release,
  quorate,
  doctor,
  ladder,
  leaders,
  kubectl,
  journal,
  monitoring,
  timeline,
] as const satisfies readonly Verb[];
