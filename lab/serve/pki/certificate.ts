import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import * as der from "./der.ts";

/** A key with its certificate, both as PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Pair {
  readonly subject: Subject;
  readonly privateKey: KeyObject;
}

export interface Subject {
  readonly commonName: string;
  /** Kubernetes takes these as groups. */
  readonly organization?: string;
}

interface Request {
  readonly subject: Subject;
  readonly usage: "authority" | "server" | "client" | "both";
  /** DNS names and IPv4 addresses. */
  readonly names?: readonly string[];
}

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  subjectAltName: "2.5.29.17",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** A certificate of a clock that is a little behind must still be valid. */
const BACKDATED_MS = 24 * 3_600_000;

/** Ten years, as MicroK8s makes its own; a lab lives for hours, and a fault may step a host's clock. */
const VALID_MS = 10 * 365 * 24 * 3_600_000;

/** A new authority with an EC key (P-256). */
export function createAuthority(subject: Subject, nowMs: number): Authority {
  const { privateKey, publicKey } = newKey();
  const certificate = build({ subject, usage: "authority" }, publicKey, { subject, privateKey }, nowMs);
  return { subject, privateKey, certificate, key: pemOfKey(privateKey) };
}

/** A pair that the authority has signed. */
export function issue(authority: Authority, request: Request, nowMs: number): Pair {
  const { privateKey, publicKey } = newKey();
  return { certificate: build(request, publicKey, authority, nowMs), key: pemOfKey(privateKey) };
}

/** A pair that is its own authority, for example the one that all members of a dqlite cluster share. */
export function selfSigned(subject: Subject, names: readonly string[], nowMs: number): Pair {
  const { privateKey, publicKey } = newKey();
  const certificate = build({ subject, usage: "authority", names }, publicKey, { subject, privateKey }, nowMs);
  return { certificate, key: pemOfKey(privateKey) };
}

function newKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pemOfKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** RFC 5280, section 4.1. */
function build(
  request: Request,
  publicKey: KeyObject,
  issuer: { readonly subject: Subject; readonly privateKey: KeyObject },
  nowMs: number,
): string {
  const algorithm = der.sequence(der.oid(OID.ecdsaWithSha256));
  const toBeSigned = der.sequence(
    der.context(0, der.integer(Buffer.from([2])), { explicit: true }),
    der.integer(randomBytes(16)),
    algorithm,
    name(issuer.subject),
    der.sequence(der.time(nowMs - BACKDATED_MS), der.time(nowMs + VALID_MS)),
    name(request.subject),
    publicKey.export({ type: "spki", format: "der" }),
    der.context(3, der.sequence(...extensions(request, keyId(publicKey), keyId(createPublicKey(issuer.privateKey)))), {
      explicit: true,
    }),
  );
  const signature = sign("sha256", toBeSigned, issuer.privateKey);
  const certificate = der.sequence(toBeSigned, algorithm, der.bitString(signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function name({ commonName, organization }: Subject): Buffer {
  const organizations = organization === undefined ? [] : [part(OID.organization, organization)];
  return der.sequence(...organizations, part(OID.commonName, commonName));
}

/** Method 1 of RFC 5280, 4.2.1.2, over the whole SubjectPublicKeyInfo: any digest of the key will do. */
function keyId(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

function part(id: string, value: string): Buffer {
  return der.set(der.sequence(der.oid(id), der.utf8String(value)));
}

function extensions({ usage, names = [] }: Request, own: Buffer, issuer: Buffer): readonly Buffer[] {
  const isAuthority = usage === "authority";
  const purposes = [
    ...(usage === "server" || usage === "both" ? [der.oid(OID.serverAuth)] : []),
    ...(usage === "client" || usage === "both" ? [der.oid(OID.clientAuth)] : []),
  ];
  return [
    extension(OID.basicConstraints, true, isAuthority ? der.sequence(der.boolean(true)) : der.sequence()),
    // digitalSignature, and for an authority keyCertSign and cRLSign.
    extension(
      OID.keyUsage,
      true,
      isAuthority ? der.bitString(Buffer.from([0x86]), 1) : der.bitString(Buffer.from([0x80]), 7),
    ),
    extension(OID.subjectKeyIdentifier, false, der.octetString(own)),
    extension(OID.authorityKeyIdentifier, false, der.sequence(der.context(0, issuer, { explicit: false }))),
    ...(purposes.length === 0 ? [] : [extension(OID.extendedKeyUsage, false, der.sequence(...purposes))]),
    ...(names.length === 0 ? [] : [extension(OID.subjectAltName, false, der.sequence(...names.map(generalName)))]),
  ];
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return der.sequence(der.oid(id), ...(isCritical ? [der.boolean(true)] : []), der.octetString(value));
}

function generalName(text: string): Buffer {
  if (isIPv4(text)) return der.context(7, Buffer.from(text.split(".").map(Number)), { explicit: false });
  return der.context(2, Buffer.from(text, "latin1"), { explicit: false });
}
