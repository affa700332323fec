import type { ApiRequest } from "../../world/kube/apiserver.ts";
import type { Args } from "../args.ts";
import { deploymentOf } from "../kubectl/create.ts";
import { get, messageOf, RESOURCES } from "../kubectl/get.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const MERGE = "application/merge-patch+json";

export const kubectl: Verb = {
  id: "kubectl",
  usage:
    "kubectl get nodes|pods|deployments|leases [NAME] [cached] [via=k8s01] | kubectl create|delete deployment NAME [replicas=2] | kubectl scale deployment NAME replicas=3 | kubectl cordon|uncordon NODE",
  run: async ({ play }, args) => {
    const via = args.textOr("via", play.world.nodes[0]?.name ?? "");
    const what = args.word("get, create, delete, scale, cordon or uncordon");
    if (what === "get") return getWhat(play, args, via);
    const request = requestOf(what, args);
    args.end();
    const response = await play.drive(play.ask(via, request));
    if (response === null) return [`Unable to connect to the server of ${via}`];
    if (response.status >= 300) return [`Error from server: ${messageOf(response)}`];
    return [`${play.now()} done`];
  },
};

function getWhat(play: Play, args: Args, via: string): Promise<readonly string[]> {
  const word = args.word("a resource");
  const resource = RESOURCES[word];
  if (resource === undefined) return args.fail(`no resource ${word}; there are ${Object.keys(RESOURCES).join(", ")}`);
  const rest = args.rest();
  const isCached = rest.includes("cached");
  const [name = "", ...more] = rest.filter((one) => one !== "cached");
  if (more.length > 0) return args.fail(`what is ${more.join(" ")}?`);
  args.end();
  return get(play, resource, { via, isCached, name });
}

function requestOf(what: string, args: Args): ApiRequest {
  if (what === "cordon" || what === "uncordon") {
    const body = { spec: { unschedulable: what === "cordon" } };
    return { method: "PATCH", path: `/api/v1/nodes/${args.word("a node")}`, contentType: MERGE, body };
  }
  if (args.wordIf("deployment") === null) return args.fail(`${what} deployment NAME`);
  const name = args.word("a name");
  switch (what) {
    case "create":
      return { method: "POST", path: DEPLOYMENTS, body: deploymentOf(name, args.numberOr("replicas", 2)) };
    case "delete":
      return { method: "DELETE", path: `${DEPLOYMENTS}/${name}` };
    case "scale": {
      const body = { spec: { replicas: args.numberOr("replicas", 2) } };
      return { method: "PATCH", path: `${DEPLOYMENTS}/${name}`, contentType: MERGE, body };
    }
    default:
      return args.fail(`no ${what}`);
  }
}
