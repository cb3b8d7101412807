// SPDX-License-Identifier: MIT
// What a person sees and does on the page url (/docs), said line by line: its text and its link while the files of Swagger UI are not there; then what it
// lists, and what is answered before and after the token is pasted.
import { open, say } from "./launch.mjs";

export async function docs(browser, url, token) {
    const page = await open(browser, url, "**/swagger-ui-bundle.js");
    const block = (path) => page.locator(".opblock", { has: page.locator(`[data-path="${path}"]`) });
    const plain = (text) => text.replace(/\s+/g, " ").trim();

    async function list() {
        await page.locator(".opblock").first().waitFor();
        for (const one of await page.locator(".opblock").all()) {
            const lock = (await one.locator(".authorization__btn").count()) > 0 ? " locked" : "";
            say(`lists ${await one.locator(".opblock-summary-method").innerText()} ${await one.locator("[data-path]").getAttribute("data-path")}${lock}`);
        }
    }

    async function tryOut(path) {
        await block(path).locator(".opblock-summary-control").click();
        await block(path).locator(".try-out__btn").click();
    }

    async function execute(path) {
        const live = block(path).locator(".live-responses-table");
        if (await live.isVisible()) {
            await block(path).locator(".btn-clear").click();
            await live.waitFor({ state: "detached" });
        }
        await block(path).locator(".execute").click();
        await live.waitFor();
        const status = plain(await live.locator("tbody .response-col_status").first().innerText()).split(" ")[0];
        say(`answer ${path} ${status} ${plain(await live.locator("code").first().innerText())}`);
    }

    async function authorize() {
        const dialog = page.locator(".dialog-ux");
        await page.locator(".auth-wrapper > .authorize").click();
        await dialog.locator("input").fill(token);
        await dialog.locator(".auth-btn-wrapper .authorize").click();
        await dialog.locator(".auth-btn-wrapper .btn-done").click();
        say("authorized");
    }

    say(`text ${plain(await page.locator("body").innerText())}`);
    const [document] = await Promise.all([page.waitForNavigation(), page.locator("a", { hasText: "openapi.json" }).click()]);
    say(`link ${document.status()} ${document.headers()["content-type"]}`);

    await page.unroute("**/swagger-ui-bundle.js");
    say("now with its files");
    await page.goto(url);
    await list();
    await tryOut("/private");
    await execute("/private");
    await authorize();
    await execute("/private");
    await tryOut("/private-scoped");
    await execute("/private-scoped");
    await page.close();
}
