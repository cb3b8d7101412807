// SPDX-License-Identifier: MIT
// What a person sees on the page url of a demo (template/www), said line by line: each endpoint with what every button of it shows, the tokens, where the
// link to the docs leads. A picture of it, with two answers, is put into the file.
import { open, say } from "./launch.mjs";

export async function demo(browser, url, picture) {
    const page = await open(browser, url);
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    await page.setViewportSize({ width: 900, height: 1180 });
    await page.locator("#tokens section").last().waitFor();
    say(`title ${await page.title()}`);
    for (const section of await page.locator("#endpoints section").all()) {
        const name = await section.getAttribute("data-operation");
        say(`endpoint ${plain(await section.locator("h3").innerText())}: ${plain(await section.locator("p").last().innerText())}`);
        for (const button of await section.locator("button").all()) {
            const out = section.locator("pre");
            await button.click();
            await section.locator('pre:not([data-kind=""])').waitFor();
            say(`${name}, ${await button.innerText()}, ${await out.getAttribute("data-kind")}: ${plain(await out.innerText())}`);
            await out.evaluate((element) => { element.dataset.kind = ""; });
        }
    }
    for (const section of await page.locator("#tokens section").all()) {
        say(`token ${plain(await section.innerText())}`);
    }
    await page.reload();
    for (const [endpoint, button] of [[1, 0], [2, 2]]) {
        const section = page.locator("#endpoints section").nth(endpoint);
        await section.locator("button").nth(button).click();
        await section.locator('pre:not([data-kind=""])').waitFor();
    }
    await page.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
    await page.screenshot({ path: picture });
    const [docs] = await Promise.all([page.waitForNavigation(), page.locator("#docs").click()]);
    say(`docs ${docs.status()} ${new URL(page.url()).pathname}`);
    await page.close();
}
