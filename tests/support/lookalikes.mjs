// SPDX-License-Identifier: MIT
// Look-alikes of issuers, from the data in tests/issuers (its README says what is in a file).
//
//   node lookalikes.mjs make DIR BASE FILE...   writes what each of them needs below DIR, with BASE/NAME (https://HOST:PORT/NAME) in the place
//       of its host: its documents in www/, its settings in profiles/NAME.env, and for each case a token in tokens/N. Prints the cases, one a
//       line: N, profile, header, requirement, status, what the answer says, what it is; with tabs between them.
//   node lookalikes.mjs real DIR HOST FILE      of one that runs itself at HOST (tests/issuers/real): writes DIR/NAME.env, and prints its requirement.
//   node lookalikes.mjs page FILE...            prints of each of them what doc/issuers.md has to say: its name, its settings, its requirement,
//       and where the shape of its tokens is from.
//   node lookalikes.mjs shapes FILE...          fails unless each names a page of its vendor ("Vendor, Title"), says of each member that is assumed,
//       and only of members that it has, and has four cases.

import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

const KINDS = {
    RS256: ["rsa", { modulusLength: 2048 }, "sha256"],
    ES256: ["ec", { namedCurve: "P-256" }, "sha256"],
    ES384: ["ec", { namedCurve: "P-384" }, "sha384"],
    EdDSA: ["ed25519", {}, null],
};

function read(file) {
    return { profile: basename(file, ".json"), ...JSON.parse(readFileSync(file, "utf8")) };
}

const base64url = (octets) => Buffer.from(octets).toString("base64url");

function token(issuer, header, claims, key) {
    const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
    const digest = KINDS[header.alg][2];
    return `${text}.${base64url(sign(digest, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }))}`;
}

// The claims of a case: those of the issuer, with what the case has instead, without what it leaves out.
function claimsOf(issuer, one, now) {
    const claims = { ...issuer.claims, iat: now - 10, exp: now + 3600, ...one.with };
    for (const name of one.without ?? []) {
        delete claims[name];
    }
    return claims;
}

// A path that ends with a slash is a folder for the server.
function put(path, text) {
    const file = path.replace(/\/$/, "/index.json");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
}

function quoted(value) {
    return /[ #'"]/.test(value) ? `"${value}"` : value;
}

function settingsOf(issuer) {
    return Object.entries(issuer.settings).map(([name, value]) => `${name}=${quoted(value)}`).join("\n");
}

let cases = 0;

function make(dir, base, issuer) {
    const here = JSON.parse(JSON.stringify(issuer).replaceAll(issuer.host, `${base}/${issuer.profile}`));
    const alg = here.keys.alg;
    const pair = generateKeyPairSync(KINDS[alg][0], KINDS[alg][1]);
    const key = createPrivateKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const kid = `${here.profile}-1`;
    const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid, use: "sig", alg, ...here.keys.members };
    put(`${dir}/www/${here.profile}${here.keys.at}`, JSON.stringify({ keys: [jwk] }));
    for (const [path, document] of Object.entries(here.documents ?? {})) {
        put(`${dir}/www/${here.profile}${path}`, JSON.stringify(document));
    }
    put(`${dir}/profiles/${here.profile}.env`, `${settingsOf(here)}\n`);
    const now = Math.floor(Date.now() / 1000);
    for (const one of here.cases) {
        const header = { alg, kid, ...here.header, ...one.header };
        put(`${dir}/tokens/${++cases}`, token(here, header, claimsOf(here, one, now), key));
        console.log([cases, here.profile, here.settings.BEARER_TOKEN_HEADER ?? "Authorization", one.require ?? here.require, one.answer,
            one.says ?? "-", `${here.name}: ${one.what}`].join("\t"));
    }
}

function real(dir, host, issuer) {
    const here = JSON.parse(JSON.stringify(issuer).replaceAll(issuer.host, host));
    put(`${dir}/${here.profile}.env`, `${settingsOf(here)}\n`);
    console.log(here.require);
}

function shapeOf(issuer) {
    if (issuer.real) {
        return `(Shape: its own; the tests run ${issuer.real}. See "${issuer.page}")`;
    }
    return `(Shape: "${issuer.page}"${issuer.assumed.length > 0 ? `; assumed: ${issuer.assumed.join(", ")}` : ""})`;
}

// What may be assumed besides members: a document that has no page, or where the keys are.
const DOCUMENTS = {
    "the discovery document": (issuer) => issuer.documents !== undefined,
    "the address of the keys": () => true,
};

// What is wrong with how a file says where its shape is from; else "".
function wrongShape(issuer) {
    const members = { ...issuer.header, ...issuer.claims, ...issuer.keys.members };
    const strange = (issuer.assumed ?? ["nothing said"]).filter((name) => !(DOCUMENTS[name]?.(issuer) ?? Object.hasOwn(members, name)));
    return [
        /^[^,]+, [^,]+/.test(issuer.page) ? "" : "no page",
        strange.length > 0 ? `assumed, but not there: ${strange.join(", ")}` : "",
        issuer.cases.length < 4 ? "too few cases" : "",
    ].filter((text) => text !== "").join("; ");
}

function shapes(issuers) {
    const wrong = issuers.map((issuer) => [issuer.profile, wrongShape(issuer)]).filter(([, text]) => text !== "");
    wrong.forEach(([name, text]) => console.log(`${name}: ${text}`));
    process.exit(wrong.length > 0 || issuers.length < 28 ? 1 : 0);
}

const [what, ...rest] = process.argv.slice(2);
if (what === "make") {
    const [dir, base, ...files] = rest;
    files.map(read).forEach((issuer) => make(dir, base, issuer));
} else if (what === "real") {
    real(rest[0], rest[1], read(rest[2]));
} else if (what === "shapes") {
    shapes(rest.map(read));
} else if (what === "page") {
    for (const issuer of rest.map(read)) {
        console.log(`## ${issuer.name}\n\`\`\`ini\n${settingsOf(issuer)}\n\`\`\`\n${issuer.require}\n${shapeOf(issuer)}`);
    }
} else {
    console.error("usage: lookalikes.mjs make DIR BASE FILE... | real DIR HOST FILE | shapes FILE... | page FILE...");
    process.exit(64);
}
