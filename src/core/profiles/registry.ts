import { k3s } from "./k3s/index.ts";
import { kubeadm } from "./kubeadm/index.ts";
import { microk8s } from "./microk8s/index.ts";
import type { Profile } from "./profile.ts";
import { rke2 } from "./rke2/index.ts";

/** Every distribution we know the names of. A test compares this list with the folders. */
export const PROFILES: readonly Profile[] = [microk8s, k3s, rke2, kubeadm];

export type ProfileChoice =
  | { readonly ok: true; readonly profile: Profile }
  /** `message` is one line for the operator. */
  | { readonly ok: false; readonly message: string };

/** Looks up a profile by its id; refuses unknown and planned ones with a line that says what there is. */
export function chooseProfile(id: string): ProfileChoice {
  const profile = PROFILES.find((one) => one.id === id);
  const supported = PROFILES.filter((one) => one.status === "supported").map((one) => one.id);
  if (profile === undefined) {
    return { ok: false, message: `there is no profile "${id}"; supported: ${supported.join(", ")}` };
  }
  if (profile.status === "planned") {
    const reason = "its units and paths are known, but nothing was tried on it yet";
    return {
      ok: false,
      message: `profile "${id}" (${profile.title}) is planned: ${reason}; supported: ${supported.join(", ")}`,
    };
  }
  return { ok: true, profile };
}
