// A certificate for this machine, of an authority that nobody knows, as a company's proxy has one. Node.js reads
// certificates and makes none.

import { generateKeyPairSync, sign } from "node:crypto";

/** One value of DER: a tag, how long it is, and what it holds. */
function der(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, bytes);
const number = (value) => der(0x02, [value]);
const time = (year) => der(0x18, Buffer.from(`${year}0101000000Z`));
/** `CN=name` */
const named = (name) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))));
const extension = (id, value) => sequence(oid(0x55, 0x1d, id), der(0x01, [0xff]), der(0x04, value));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const AUTHORITY = "An authority that nobody knows";
const AN_AUTHORITY_S = [0x13, sequence(der(0x01, [0xff]))];
const LOCALHOST_S = [0x11, sequence(der(0x82, Buffer.from("localhost")))];

function certificate(serial, name, keys, issuer, [id, value]) {
  const content = sequence(
    der(0xa0, number(2)), // the version with extensions
    number(serial),
    ECDSA_WITH_SHA256,
    named(AUTHORITY),
    sequence(time(2020), time(2120)),
    named(name),
    keys.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension(id, value))),
  );
  const signature = der(0x03, [0], sign("sha256", content, issuer.privateKey));
  const lines = sequence(content, ECDSA_WITH_SHA256, signature).toString("base64").match(/.{1,64}/g);
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** The authority's certificate, and what a server for `localhost` needs. */
export function certified() {
  const [authority, server] = [1, 2].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
  return {
    authority: certificate(1, AUTHORITY, authority, authority, AN_AUTHORITY_S),
    cert: certificate(2, "localhost", server, authority, LOCALHOST_S),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}
