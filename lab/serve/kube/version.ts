import type { Json } from "../../world/datastore/datastore.ts";
import type { Release } from "../../world/releases.ts";

/** `/version` of a release. */
export function versionOf({ id }: Release): Json {
  const [major = "1", minor = "0"] = id.split(".");
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "",
    goVersion: "",
    compiler: "gc",
    platform: "linux/amd64",
  };
}
