import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { Reader, Writer } from "./fields.ts";

/** The last 32 bytes of an Ed25519 or X25519 SubjectPublicKeyInfo are the key itself (RFC 8410). */
const RAW_KEY_BYTES = 32;
const X25519_SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");
const ED25519_SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export const KEY_TYPE = "ssh-ed25519";

export interface SshKey {
  readonly privateKey: KeyObject;
  /** The public key as SSH sends it. */
  readonly blob: Buffer;
}

export function createKey(): SshKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, blob: new Writer().text(KEY_TYPE).text(rawOf(publicKey)).done() };
}

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" }).subarray(-RAW_KEY_BYTES);
}

/** One line of known_hosts or authorized_keys, without what stands in front. */
export function publicKeyLine({ blob }: SshKey): string {
  return `${KEY_TYPE} ${blob.toString("base64")}`;
}

/** The private key as OpenSSH keeps it in a file (PROTOCOL.key), without a passphrase. */
export function privateKeyFile({ privateKey, blob }: SshKey, comment: string): string {
  const seed = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-RAW_KEY_BYTES);
  const raw = blob.subarray(-RAW_KEY_BYTES);
  const check = 0x51_75_6f_72;
  const secret = new Writer().uint32(check).uint32(check).text(KEY_TYPE).text(raw);
  secret.text(Buffer.concat([seed, raw])).text(comment);
  let padded = secret.done();
  for (let pad = 1; padded.length % 8 !== 0; pad += 1) padded = Buffer.concat([padded, Buffer.from([pad])]);
  const file = new Writer().raw(Buffer.from("openssh-key-v1\0", "latin1"));
  file.text("none").text("none").text("").uint32(1).text(blob).text(padded);
  const lines =
    file
      .done()
      .toString("base64")
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** A signature as SSH sends it. */
export function signWith({ privateKey }: SshKey, data: Buffer): Buffer {
  return new Writer()
    .text(KEY_TYPE)
    .text(sign(null, data, privateKey))
    .done();
}

/** Whether `signature` (as SSH sends it) is the one of the key with this blob over `data`. */
export function verifies(blob: Buffer, data: Buffer, signature: Buffer): boolean {
  const reader = new Reader(signature);
  if (reader.text() !== KEY_TYPE) return false;
  const der = Buffer.concat([ED25519_SPKI_PREFIX, blob.subarray(-RAW_KEY_BYTES)]);
  return verify(null, data, createPublicKey({ key: der, format: "der", type: "spki" }), reader.bytes());
}

/** One side of curve25519-sha256 (RFC 8731): our public value and the shared secret with theirs. */
export function agree(theirs: Buffer): { readonly ours: Buffer; readonly secret: Buffer } {
  if (theirs.length !== RAW_KEY_BYTES) throw new RangeError("no curve25519 value");
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const key = Buffer.concat([X25519_SPKI_PREFIX, theirs]);
  const other = createPublicKey({ key, format: "der", type: "spki" });
  return { ours: rawOf(publicKey), secret: diffieHellman({ privateKey, publicKey: other }) };
}
