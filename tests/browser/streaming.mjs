// SPDX-License-Identifier: MIT
// At the page `at` the files `events` and `websocket` are run, which are the lines of doc/streaming.md; says what they show.
// When the first event is shown, the second is asked for. The ticket of the websocket is tried again, and so is one that nobody has made.
import { readFileSync } from "node:fs";
import { open, say } from "./launch.mjs";

// In the page. `until` ends it, for a connection that stays open.
async function run({ lines, token, until }) {
    const AsyncFunction = (async () => {}).constructor;
    let shown = "";
    return new Promise((resolve, reject) => {
        const show = (text) => {
            if (shown === "") void fetch("/private-stream/go", { headers: { Authorization: `Bearer ${token}` } });
            shown += `${text.trim().replace("data: ", "")} `;
            if (shown.endsWith(`${until} `)) resolve(shown.trim());
        };
        new AsyncFunction("token", "show", lines)(token, show).catch(reject);
    });
}

export async function streaming(browser, token, at, events, websocket) {
    const page = await open(browser, at);
    const socket = readFileSync(websocket, "utf8");
    say(`events: ${await page.evaluate(run, { lines: readFileSync(events, "utf8"), token, until: "second" })}`);
    say(`websocket: ${await page.evaluate(run, { lines: `${socket}; globalThis.used = ticket;`, token, until: "welcome" })}`);
    say(`again: ${await page.evaluate(run, { lines: socket.replace("send(ticket)", "send(globalThis.used)"), token, until: "closed" })}`);
    say(`made up: ${await page.evaluate(run, { lines: socket.replace("send(ticket)", 'send("made up")'), token, until: "closed" })}`);
}
