// SPDX-License-Identifier: MIT
// A page at http://127.0.0.1:port, and then the same at http://localhost:port, which is another origin: both call the endpoints below api, with and without
// the token, and say what they can read of the answers.
import http from "node:http";
import { open, say } from "./launch.mjs";

// In the page.
async function call({ url, method, authorization }) {
    try {
        const response = await fetch(url, { method, headers: authorization === null ? {} : { Authorization: authorization } });
        return `${response.status} ${await response.text()} challenge=${response.headers.get("WWW-Authenticate")}`;
    } catch (error) {
        return `cannot read it: ${error.message}`;
    }
}

export async function origins(browser, port, api, token) {
    const server = http.createServer((request, response) => {
        response.setHeader("Content-Type", "text/html");
        response.end("<!DOCTYPE html><title>an app</title>");
    });
    await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
    for (const host of ["127.0.0.1", "localhost"]) {
        const page = await open(browser, `http://${host}:${port}/`);
        for (const [method, path, authorization, how] of [
            ["GET", "/public", null, ""],
            ["GET", "/private", null, ""],
            ["GET", "/private", `Bearer ${token}`, " with the token"],
            ["GET", "/private", "Bearer no.token", " with no token"],
            ["GET", "/private-scoped", `Bearer ${token}`, " with the token"],
            ["GET", "/nothing", null, ""],
            ["PUT", "/private", `Bearer ${token}`, " with the token"],
        ]) {
            say(`${host} ${method} ${path}${how}: ${await page.evaluate(call, { url: api + path, method, authorization })}`);
        }
        await page.close();
    }
    server.closeAllConnections();
    server.close();
}
