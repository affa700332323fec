/** The few fields that are printed. */
export interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly creationTimestamp?: string;
  readonly generation?: number;
}

export interface NodeObject {
  readonly metadata: Meta;
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface PodObject {
  readonly metadata: Meta;
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

export interface DeploymentObject {
  readonly metadata: Meta;
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly observedGeneration?: number;
  };
}

export interface LeaseObject {
  readonly metadata: Meta;
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string };
}

export interface ListObject<T> {
  readonly items?: readonly T[];
}
