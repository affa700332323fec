import type { Json } from "../../../world/datastore/datastore.ts";
import { type Fields, parse } from "../../protobuf.ts";
import { type FieldType, SCHEMA } from "./schema.ts";

/** What stands in front of an object in `application/vnd.kubernetes.protobuf` (apimachinery, serializer/protobuf). */
const MAGIC = Buffer.from("k8s\0", "latin1");

/** Decodes a body of `application/vnd.kubernetes.protobuf` to the JSON that it stands for. Throws RangeError. */
export function decodeKubernetes(body: Buffer): Json {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError("no Kubernetes protobuf");
  const unknown = parse(body.subarray(MAGIC.length));
  const type = parse(unknown.bytes(1));
  const [apiVersion, kind] = [type.text(1), type.text(2)];
  return { apiVersion, kind, ...(decodeMessage(kind, unknown.bytes(2)) as object) };
}

function decodeMessage(name: string, bytes: Buffer): Json {
  const schema = SCHEMA.get(name);
  if (schema === undefined) throw new RangeError(`the lab cannot read ${name} in protobuf: use kubectl apply`);
  const fields = parse(bytes);
  const object: Record<string, Json> = {};
  for (const number of fields.numbers()) {
    const type = schema.get(number);
    if (type === undefined)
      throw new RangeError(`the lab cannot read field ${number} of ${name} in protobuf: use kubectl apply`);
    const value = decodeField(type, number, fields);
    if (value !== undefined) object[type.name] = value;
  }
  return object;
}

/** Undefined for what JSON leaves out: zero values, but for pointers. */
function decodeField({ type, isRepeated, isPointer }: FieldType, number: number, fields: Fields): Json | undefined {
  if (type === "-") return undefined;
  if (type === "strings" || type === "bytes" || type === "quantities") return decodeMap(type, fields.all(number));
  if (isRepeated)
    return fields.all(number).map((bytes) => (type === "string" ? bytes.toString("utf8") : decodeMessage(type, bytes)));
  if (type === "string") return fields.text(number) || undefined;
  if (type === "int") return isPointer || fields.int(number) !== 0 ? fields.int(number) : undefined;
  if (type === "bool") return isPointer || fields.bool(number) ? fields.bool(number) : undefined;
  if (type === "intOrString") {
    const value = parse(fields.bytes(number));
    return value.int(1) === 1 ? value.text(3) : value.int(2);
  }
  return decodeMessage(type, fields.bytes(number));
}

function decodeMap(type: string, entries: readonly Buffer[]): Json {
  return Object.fromEntries(
    entries.map((entry) => {
      const pair = parse(entry);
      if (type === "bytes") return [pair.text(1), pair.bytes(2).toString("base64")];
      return [pair.text(1), type === "strings" ? pair.text(2) : parse(pair.bytes(2)).text(1)];
    }),
  );
}
