import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, startLab } from "./lab.ts";
import { pathsIn } from "./state/directory.ts";

/** A real kubectl: `QUORATE_KUBECTL`, or the one on PATH. CI builds it: `npm run twin -- components` tells where. */
const KUBECTL = process.env["QUORATE_KUBECTL"] ?? "kubectl";
const version = spawnSync(KUBECTL, ["version", "--client"], { encoding: "utf8", timeout: 20_000 });
const hasKubectl = version.error === undefined && version.status === 0;
if (!hasKubectl) console.info(`skipped: there is no kubectl (${KUBECTL}); set QUORATE_KUBECTL to one`);

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: site, labels: {app: site}}
spec:
  replicas: 2
  selector: {matchLabels: {app: site}}
  template:
    metadata: {labels: {app: site}}
    spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: site}
spec: {selector: {app: site}, ports: [{port: 80}]}
`;

let lab: Lab;
let directory = "";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl with the lab's kubeconfig, and nothing else of this machine: no cache, no plug-ins, no other clusters. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: directory, KUBECONFIG: pathsIn(lab.directory).kubeconfig };
}

function kubectl(...words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(KUBECTL, words, { env: environment(), timeout: 45_000, maxBuffer: 1e7 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 255, stdout, stderr }),
    );
  });
}

/** Its words when it succeeds. */
async function good(...words: readonly string[]): Promise<string> {
  const said = await kubectl(...words);
  expect(said, words.join(" ")).toMatchObject({ code: 0 });
  return said.stdout;
}

/** The columns' names of a printed table, and its rows as words. */
function table(text: string): { readonly head: string; readonly rows: readonly (readonly string[])[] } {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  return {
    head: head.replaceAll(/ {2,}/g, "|").trim(),
    rows: lines.map((line) => line.split(/ {2,}/).map((cell) => cell.trim())),
  };
}

beforeAll(async () => {
  if (!hasKubectl) return;
  directory = mkdtempSync(join(tmpdir(), "quorate-kubectl-"));
  lab = await startLab({
    directory: join(directory, "lab"),
    nodes: 3,
    release: "1.35",
    workload: "idle",
    // Pods start and leave within the patience of a test.
    speed: 3,
    seed: 1,
    onFailure: (error) => {
      throw error;
    },
  });
  writeFileSync(join(directory, "web.yaml"), WEB);
}, 60_000);

afterAll(() => {
  lab?.close();
  if (directory !== "") rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(!hasKubectl)("a session of the real kubectl with the lab", { timeout: 90_000 }, () => {
  test("reads: tables with the columns that people know, wide, as YAML, of all namespaces", async () => {
    const nodes = table(await good("get", "nodes"));
    expect(nodes.head).toBe("NAME|STATUS|ROLES|AGE|VERSION");
    expect(nodes.rows.map(([name, status]) => [name, status])).toEqual([1, 2, 3].map((at) => [`k8s0${at}`, "Ready"]));
    expect(table(await good("get", "nodes", "-o", "wide")).head).toBe(
      "NAME|STATUS|ROLES|AGE|VERSION|INTERNAL-IP|EXTERNAL-IP|OS-IMAGE|KERNEL-VERSION|CONTAINER-RUNTIME",
    );
    expect(await good("get", "node", "k8s02", "-o", "yaml")).toMatch(/^apiVersion: v1\nkind: Node\nmetadata:\n/);
    const leases = table(await good("get", "leases", "-A"));
    expect(leases.head).toBe("NAMESPACE|NAME|HOLDER|AGE");
    expect(leases.rows.map(([, name]) => name)).toContain("kube-controller-manager");
    expect(await good("describe", "node", "k8s01")).toMatch(/Conditions:\n.*\n.*\n(.*\n)* {2}Ready +True/);
    expect(await good("version")).toContain("Server Version: v1.35.0");
    expect(await good("get", "--raw", "/readyz")).toBe("ok");
  });

  test("applies, follows the rollout, waits, scales, patches", async () => {
    const file = join(directory, "web.yaml");
    expect(await good("apply", "-f", file)).toBe("deployment.apps/site created\nservice/site created\n");
    expect(await good("rollout", "status", "deployment/site", "--timeout=40s")).toContain("successfully rolled out");
    expect(await good("wait", "--for=condition=Available", "deployment/site", "--timeout=20s")).toContain(
      "condition met",
    );
    expect(await good("apply", "-f", file)).toBe("deployment.apps/site unchanged\nservice/site unchanged\n");
    const deployments = table(await good("get", "deployments"));
    expect(deployments.head).toBe("NAME|READY|UP-TO-DATE|AVAILABLE|AGE");
    expect(deployments.rows[0]?.slice(0, 4)).toEqual(["site", "2/2", "2", "2"]);
    expect(await good("scale", "deployment/site", "--replicas=3")).toContain("scaled");
    expect(await good("rollout", "status", "deployment/site", "--timeout=40s")).toContain("successfully rolled out");
    const pods = table(await good("get", "pods", "-l", "app=site"));
    expect(pods.head).toBe("NAME|READY|STATUS|RESTARTS|AGE");
    expect(pods.rows.map(([, ready, status]) => [ready, status])).toEqual([1, 2, 3].map(() => ["1/1", "Running"]));
    const patch = JSON.stringify({
      spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:1.28" }] } } },
    });
    expect(await good("patch", "deployment", "site", "-p", patch)).toContain("patched");
    expect(
      await good(
        "get",
        "deployment",
        "site",
        "-o",
        "jsonpath={.spec.template.spec.containers[*].ports[0].containerPort}",
      ),
    ).toBe("80");
    expect(await good("rollout", "status", "deployment/site", "--timeout=60s")).toContain("successfully rolled out");
    expect(await good("describe", "deployment", "site")).toContain("nginx:1.28");
  });

  test("creates by its own generators, and a dry run writes nothing", async () => {
    expect(await good("create", "deployment", "made", "--image=nginx")).toBe("deployment.apps/made created\n");
    expect(await good("create", "configmap", "words", "--from-literal=a=b")).toBe("configmap/words created\n");
    expect(await good("get", "configmap", "words", "-o", "jsonpath={.data.a}")).toBe("b");
    expect(await good("create", "configmap", "none", "--from-literal=a=b", "--dry-run=server")).toContain(
      "created (server dry run)",
    );
    expect(await kubectl("get", "configmap", "none")).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): configmaps "none" not found\n',
    });
    expect(await kubectl("create", "configmap", "words")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('configmaps "words" already exists'),
    });
  });

  test("watches as it happens, deletes, and waits until it is gone", async () => {
    const watching = spawn(KUBECTL, ["get", "configmaps", "-w", "--no-headers"], { env: environment() });
    let seen = "";
    watching.stdout.on("data", (data: Buffer) => {
      seen += data.toString();
    });
    await expect.poll(() => seen, { timeout: 20_000 }).toContain("words");
    await good("create", "configmap", "new", "--from-literal=x=y");
    await expect.poll(() => seen, { timeout: 10_000 }).toMatch(/^new +1 /m);
    watching.kill();
    expect(await good("delete", "deployment/site", "deployment/made", "service/site", "--timeout=40s")).toMatch(
      /deployment.apps "site" deleted/,
    );
    await good("wait", "--for=delete", "pod", "-l", "app=site", "--timeout=40s");
    expect(await good("get", "deployments", "-o", "name")).toBe("");
  });

  test("cordons and uncordons", async () => {
    expect(await good("cordon", "k8s02")).toBe("node/k8s02 cordoned\n");
    expect(table(await good("get", "nodes")).rows[1]?.[1]).toBe("Ready,SchedulingDisabled");
    expect(await good("uncordon", "k8s02")).toBe("node/k8s02 uncordoned\n");
    expect(table(await good("get", "nodes")).rows[1]?.[1]).toBe("Ready");
  });

  test("is told clearly what cannot be", async () => {
    await good("run", "one", "--image=nginx");
    const logs = await kubectl("logs", "one");
    expect(logs).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("its pods run no containers, so they keep no logs"),
    });
    expect(await kubectl("exec", "one", "--", "ls")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("run no containers"),
    });
    const forbidden = await kubectl("--context", "k8s01-viewer", "delete", "pod", "one");
    expect(forbidden.stderr).toContain(
      'pods "one" is forbidden: User "viewer" cannot delete resource "pods" in API group "" in the namespace "default"',
    );
    expect(await kubectl("--token=nobodys", "--user=nobody", "get", "pods")).toMatchObject({ code: 1 });
    expect(await good("auth", "can-i", "create", "pods")).toBe("yes\n");
    await good("delete", "pod", "one", "--timeout=30s");
  });

  test("reaches each node's own apiserver, and none that is down", async () => {
    expect(table(await good("--context", "k8s03", "get", "nodes")).rows).toHaveLength(3);
    lab.time.enter(() => lab.world.node("k8s03").host.systemd.stop("snap.microk8s.daemon-kubelite", "operator"));
    await expect
      .poll(async () => (await kubectl("--context", "k8s03", "get", "nodes")).stderr, { timeout: 30_000 })
      .toContain("was refused");
    expect(table(await good("get", "nodes")).rows).toHaveLength(3);
  });
});
