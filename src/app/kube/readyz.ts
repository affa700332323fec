import type { Reading } from "../../core/model/observed.ts";
import type { KubeApi } from "../../ports/kube-api.ts";
import { toReading } from "../../ports/tap-error.ts";
import { valueOf } from "./reads.ts";

/** `/readyz`: 200 when the apiserver calls itself ready, 500 when not; green on a frozen cache. Never throws. */
export async function readReadyz(
  api: KubeApi,
  deadlineMs: number,
): Promise<Reading<{ readonly status: number; readonly latencyMs: number }>> {
  return toReading(
    api.request({ method: "GET", path: "/readyz", deadlineMs }).then((reading) => {
      const { status, latencyMs } = valueOf(reading);
      return { status, latencyMs };
    }),
  );
}
