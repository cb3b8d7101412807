// SPDX-License-Identifier: MIT
// guarded.mjs URL PORT TOKEN [PAGE EVENTS WEBSOCKET]: a page at http://127.0.0.1:PORT writes JSON to URL, which is guarded and of another origin, with the token and without, and says
// what it can read of the answers. Then, in the same browser, the lines for streams (streaming.mjs).
import http from "node:http";
import { launch, open, say } from "./launch.mjs";
import { streaming } from "./streaming.mjs";

// In the page.
async function put({ url, authorization }) {
    try {
        const headers = { "Content-Type": "application/json", ...(authorization === null ? {} : { Authorization: authorization }) };
        const response = await fetch(url, { method: "PUT", headers, body: '{"a":1}' });
        return `${response.status} ${(await response.text()).split("\n")[0]} challenge=${response.headers.get("WWW-Authenticate")}`;
    } catch (error) {
        return `cannot read it: ${error.message}`;
    }
}

const [url, port, token, ...streams] = process.argv.slice(2);
const server = http.createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!DOCTYPE html><title>an app</title>");
});
await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
const browser = await launch();
try {
    const page = await open(browser, `http://127.0.0.1:${port}/`);
    say(`with the token: ${await page.evaluate(put, { url, authorization: `Bearer ${token}` })}`);
    say(`without: ${await page.evaluate(put, { url, authorization: null })}`);
    if (streams.length > 0) await streaming(browser, token, ...streams);
} finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
}
