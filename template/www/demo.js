// SPDX-License-Identifier: MIT
// The page of a demo. demo.json beside it says where the API is and which tokens there are; what the endpoints are
// stands in the API's own openapi.json. All that comes from elsewhere becomes text, never markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const SHOWN_HEADERS = ["www-authenticate", "retry-after", "allow", "location", "content-type"];

function add(parent, name, text, attributes) {
    const element = document.createElement(name);
    element.textContent = text;
    Object.assign(element, attributes);
    parent.append(element);
    return element;
}

// The claims of a token as they were signed.
function claimsOf(token) {
    const text = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const octets = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(octets));
}

function sayTime(seconds) {
    const away = Math.round(seconds - Date.now() / 1000);
    const size = Math.abs(away);
    const [count, unit] = size < 120 ? [size, "s"] : size < 7200 ? [Math.round(size / 60), "min"] : [Math.round(size / 3600), "h"];
    const when = new Date(seconds * 1000).toISOString().replace(".000", "");
    return `${when}, ${away < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`}`;
}

function showToken(parent, { name, token }) {
    const claims = claimsOf(token);
    const section = add(parent, "section", "");
    add(section, "h3", name);
    for (const [claim, words] of [["iat", "Issued"], ["exp", "Expires"]]) {
        if (typeof claims[claim] === "number") {
            const past = claim === "exp" && claims[claim] * 1000 < Date.now();
            add(section, "p", `${past ? "Expired" : words}: ${sayTime(claims[claim])}`);
        }
    }
    add(section, "pre", JSON.stringify(claims, null, 2));
}

function pretty(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

// Makes the call, and shows what was sent and what came back.
async function call(out, method, url, token, body) {
    const headers = {};
    if (token !== null) {
        headers.Authorization = `Bearer ${token}`;
    }
    if (body !== undefined) {
        headers["Content-Type"] = "application/json";
    }
    out.hidden = false;
    out.dataset.kind = "";
    out.textContent = "...";
    try {
        const answer = await fetch(url, { method, headers, body, cache: "no-store", credentials: "omit" });
        const lines = [`${method} ${url}`, "", `${answer.status} ${answer.statusText}`.trim()];
        for (const name of SHOWN_HEADERS) {
            if (answer.headers.has(name)) {
                lines.push(`${name}: ${answer.headers.get(name)}`);
            }
        }
        const text = await answer.text();
        out.textContent = [...lines, "", pretty(text)].join("\n").trim();
        out.dataset.kind = answer.ok ? "good" : answer.status < 500 ? "denied" : "wrong";
    } catch (error) {
        out.textContent = `${method} ${url}\n\nNo answer came: ${error.message}. Does the server still run?`;
        out.dataset.kind = "wrong";
    }
}

// The fields of an operation. Returns what they say when they are asked: the URL and the body.
function showFields(section, demo, path, operation) {
    const inputs = (operation.parameters ?? []).map((parameter) => {
        const label = add(section, "label", `${parameter.name}${parameter.required ? "" : " (optional)"} `);
        const value = parameter.example ?? parameter.schema?.default ?? (parameter.in === "path" ? 1 : "");
        return { parameter, input: add(label, "input", "", { value: String(value) }) };
    });
    let body;
    const json = operation.requestBody?.content?.["application/json"];
    if (json !== undefined) {
        const label = add(section, "label", "Body");
        body = add(label, "textarea", "", { value: JSON.stringify(json.example ?? json.schema?.example ?? {}, null, 2), spellcheck: false });
    }
    return () => {
        const query = new URLSearchParams();
        let filled = path;
        for (const { parameter, input } of inputs) {
            if (parameter.in === "path") {
                filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
            } else if (parameter.in === "query" && input.value !== "") {
                query.append(parameter.name, input.value);
            }
        }
        const rest = query.toString();
        return { url: demo.api + filled + (rest === "" ? "" : `?${rest}`), body: body?.value };
    };
}

function showOperation(parent, demo, path, method, operation) {
    const section = add(parent, "section", "");
    section.dataset.operation = `${method} ${path}`;
    add(section, "h3", `${method} ${demo.api}${path}`);
    add(section, "p", operation.summary ?? "");
    add(section, "p", operation.security === undefined ? "Public: no token is needed." : operation.description ?? "Needs a token.");
    const fields = showFields(section, demo, path, operation);
    const out = add(document.createDocumentFragment(), "pre", "", { hidden: true });
    for (const { name, token } of [{ name: "No token", token: null }, ...demo.tokens]) {
        add(section, "button", name, { type: "button" }).addEventListener("click", () => {
            const { url, body } = fields();
            call(out, method, url, token, body);
        });
    }
    section.append(out);
}

async function readJson(url, what) {
    const answer = await fetch(url, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) {
        throw new Error(`${url} answered ${answer.status}: ${what}`);
    }
    return answer.json();
}

async function show() {
    const demo = await readJson("demo.json", "it says where the API is and which tokens there are; start the demo again");
    const document_ = await readJson(`${demo.api}/openapi.json`, "set BEARER_DOCS=on in bearer.env");
    document.title = `${document_.info.title}: endpoints behind bearer tokens`;
    document.getElementById("title").textContent = document.title;
    document.getElementById("docs").href = `${demo.api}/docs`;
    const endpoints = document.getElementById("endpoints");
    for (const [path, operations] of Object.entries(document_.paths)) {
        for (const method of METHODS.filter((name) => operations[name] !== undefined)) {
            showOperation(endpoints, demo, path, method.toUpperCase(), operations[method]);
        }
    }
    demo.tokens.forEach((token) => showToken(document.getElementById("tokens"), token));
}

show().catch((error) => {
    const trouble = document.getElementById("trouble");
    trouble.hidden = false;
    trouble.textContent = error.message;
});
