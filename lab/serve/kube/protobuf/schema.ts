/**
 * What kubectl's own generators (`create deployment`, `create configmap`, `auth can-i`, `drain`) send in protobuf: the
 * messages of k8s.io/api and apimachinery, `generated.proto`, as `NUMBER name type`. `[]` is repeated, `?` a pointer (its
 * zero counts), `-` is read and left out. A field that is not here is refused: nothing is lost in silence.
 */
const TEXT: Readonly<Record<string, string>> = {
  ObjectMeta:
    "1 name string; 2 generateName string; 3 namespace string; 4 selfLink -; 5 uid string; 6 resourceVersion string; 7 generation -; 8 creationTimestamp -; 11 labels strings; 12 annotations strings; 13 ownerReferences []OwnerReference; 14 finalizers []string; 17 managedFields -",
  OwnerReference:
    "5 apiVersion string; 1 kind string; 3 name string; 4 uid string; 6 controller ?bool; 7 blockOwnerDeletion ?bool",
  LabelSelector: "1 matchLabels strings; 2 matchExpressions []LabelSelectorRequirement",
  LabelSelectorRequirement: "1 key string; 2 operator string; 3 values []string",
  DeleteOptions:
    "1 gracePeriodSeconds ?int; 2 preconditions Preconditions; 3 orphanDependents ?bool; 4 propagationPolicy string; 5 dryRun []string",
  Preconditions: "1 uid string; 2 resourceVersion string",
  Namespace: "1 metadata ObjectMeta; 2 spec NamespaceSpec; 3 status -",
  NamespaceSpec: "1 finalizers []string",
  ConfigMap: "1 metadata ObjectMeta; 4 immutable ?bool; 2 data strings; 3 binaryData bytes",
  Secret: "1 metadata ObjectMeta; 5 immutable ?bool; 2 data bytes; 4 stringData strings; 3 type string",
  ServiceAccount:
    "1 metadata ObjectMeta; 2 secrets []ObjectReference; 3 imagePullSecrets []LocalObjectReference; 4 automountServiceAccountToken ?bool",
  ObjectReference:
    "1 kind string; 2 namespace string; 3 name string; 4 uid string; 5 apiVersion string; 6 resourceVersion string; 7 fieldPath string",
  LocalObjectReference: "1 name string",
  Service: "1 metadata ObjectMeta; 2 spec ServiceSpec; 3 status -",
  ServiceSpec:
    "1 ports []ServicePort; 2 selector strings; 3 clusterIP string; 18 clusterIPs []string; 4 type string; 5 externalIPs []string; 7 sessionAffinity string; 8 loadBalancerIP string; 10 externalName string; 11 externalTrafficPolicy string; 12 healthCheckNodePort int; 13 publishNotReadyAddresses bool",
  ServicePort:
    "1 name string; 2 protocol string; 6 appProtocol string; 3 port int; 4 targetPort intOrString; 5 nodePort int",
  PodTemplateSpec: "1 metadata ObjectMeta; 2 spec PodSpec",
  Pod: "1 metadata ObjectMeta; 2 spec PodSpec; 3 status -",
  PodSpec:
    "20 initContainers []Container; 2 containers []Container; 3 restartPolicy string; 4 terminationGracePeriodSeconds ?int; 5 activeDeadlineSeconds ?int; 6 dnsPolicy string; 7 nodeSelector strings; 8 serviceAccountName string; 9 serviceAccount string; 10 nodeName string; 11 hostNetwork bool; 12 hostPID bool; 13 hostIPC bool; 14 securityContext -; 16 hostname string; 17 subdomain string; 19 schedulerName string; 24 priorityClassName string; 25 priority ?int; 30 enableServiceLinks ?bool",
  Container:
    "1 name string; 2 image string; 3 command []string; 4 args []string; 5 workingDir string; 6 ports []ContainerPort; 7 env []EnvVar; 8 resources ResourceRequirements; 13 terminationMessagePath string; 20 terminationMessagePolicy string; 14 imagePullPolicy string; 16 stdin bool; 17 stdinOnce bool; 18 tty bool",
  ContainerPort: "1 name string; 2 hostPort int; 3 containerPort int; 4 protocol string; 5 hostIP string",
  EnvVar: "1 name string; 2 value string",
  ResourceRequirements: "1 limits quantities; 2 requests quantities",
  Deployment: "1 metadata ObjectMeta; 2 spec DeploymentSpec; 3 status -",
  DeploymentSpec:
    "1 replicas ?int; 2 selector LabelSelector; 3 template PodTemplateSpec; 4 strategy DeploymentStrategy; 5 minReadySeconds int; 6 revisionHistoryLimit ?int; 7 paused bool; 9 progressDeadlineSeconds ?int",
  DeploymentStrategy: "1 type string; 2 rollingUpdate RollingUpdateDeployment",
  RollingUpdateDeployment: "1 maxUnavailable intOrString; 2 maxSurge intOrString",
  Job: "1 metadata ObjectMeta; 2 spec JobSpec; 3 status -",
  JobSpec:
    "1 parallelism ?int; 2 completions ?int; 3 activeDeadlineSeconds ?int; 7 backoffLimit ?int; 4 selector LabelSelector; 5 manualSelector ?bool; 6 template PodTemplateSpec; 8 ttlSecondsAfterFinished ?int; 9 completionMode string; 10 suspend ?bool",
  CronJob: "1 metadata ObjectMeta; 2 spec CronJobSpec; 3 status -",
  CronJobSpec:
    "1 schedule string; 8 timeZone string; 2 startingDeadlineSeconds ?int; 3 concurrencyPolicy string; 4 suspend ?bool; 5 jobTemplate JobTemplateSpec; 6 successfulJobsHistoryLimit ?int; 7 failedJobsHistoryLimit ?int",
  JobTemplateSpec: "1 metadata ObjectMeta; 2 spec JobSpec",
  Eviction: "1 metadata ObjectMeta; 2 deleteOptions DeleteOptions",
  ClusterRole: "1 metadata ObjectMeta; 2 rules []PolicyRule",
  PolicyRule:
    "1 verbs []string; 2 apiGroups []string; 3 resources []string; 4 resourceNames []string; 5 nonResourceURLs []string",
  ClusterRoleBinding: "1 metadata ObjectMeta; 2 subjects []Subject; 3 roleRef RoleRef",
  RoleRef: "1 apiGroup string; 2 kind string; 3 name string",
  Subject: "1 kind string; 2 apiGroup string; 3 name string; 4 namespace string",
  SelfSubjectAccessReview: "1 metadata ObjectMeta; 2 spec SelfSubjectAccessReviewSpec; 3 status -",
  SelfSubjectAccessReviewSpec: "1 resourceAttributes ResourceAttributes; 2 nonResourceAttributes NonResourceAttributes",
  ResourceAttributes:
    "1 namespace string; 2 verb string; 3 group string; 4 version string; 5 resource string; 6 subresource string; 7 name string",
  NonResourceAttributes: "1 path string; 2 verb string",
  SelfSubjectReview: "1 metadata ObjectMeta; 2 status -",
};

/** One field of a message. */
export interface FieldType {
  readonly name: string;
  readonly type: string;
  readonly isRepeated: boolean;
  readonly isPointer: boolean;
}

/** By message and field number. */
export const SCHEMA: ReadonlyMap<string, ReadonlyMap<number, FieldType>> = new Map(
  Object.entries(TEXT).map(([message, text]) => [message, new Map(text.split("; ").map(parseField))]),
);

function parseField(text: string): [number, FieldType] {
  const [, number, name = "", mark, type = ""] = /^(\d+) (\w+) (\[\]|\?)?([\w-]+)$/.exec(text) ?? [];
  return [Number(number), { name, type, isRepeated: mark === "[]", isPointer: mark === "?" }];
}
