import type { RowObject } from "./tables/table.ts";

/** How the client wants its answer (content negotiation of apiserver's endpoints/handlers/negotiation). */
export type Shape = "json" | "table" | "metadata" | "discovery";

/** One media type of an Accept header with its parameters. */
interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The first that we can give; null when there is none (protobuf or CBOR alone). */
export function chooseShape(accept: string | undefined): Shape | null {
  if (accept === undefined || accept === "") return "json";
  for (const { type, parameters } of accept.split(",").map(parseMediaType)) {
    if (type !== "application/json" && type !== "*/*" && type !== "application/*") continue;
    const as = parameters.get("as");
    if (as === undefined) return "json";
    const isV1 = parameters.get("v") === "v1" && parameters.get("g") === "meta.k8s.io";
    if (as === "Table" && isV1) return "table";
    if ((as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") && isV1) return "metadata";
    if (as === "APIGroupDiscoveryList" && parameters.get("v") === "v2") return "discovery";
  }
  return null;
}

function parseMediaType(text: string): MediaType {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  return { type, parameters: new Map(rest.map((part) => part.split("=", 2) as [string, string])) };
}

/** `includeObject` of a Table. */
export function rowObjectOf(value: string | undefined): RowObject {
  return value === "None" || value === "Object" ? value : "Metadata";
}
