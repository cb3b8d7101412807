// SPDX-License-Identifier: MIT
// A Chromium without a window, and pages in it.
import { chromium } from "playwright-core";

export const say = (line) => console.log(line);

export function launch() {
    return chromium.launch({
        executablePath: "/usr/bin/chromium",
        // Root has no sandbox, and a container seldom has room in /dev/shm.
        args: ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"],
    });
}

// A page. What it asks for is said, and so is what the browser complains about, but for answers of 400 and more; what fits `missing` is answered 404.
export async function open(browser, url, missing) {
    const page = await browser.newPage();
    page.setDefaultTimeout(20000);
    page.on("request", (request) => request.url().startsWith("data:") || say(`request ${request.method()} ${request.url()}`));
    page.on("console", (message) => message.type() === "error" && !/the server responded with a status of/.test(message.text()) && say(`complaint ${message.text()}`));
    page.on("pageerror", (error) => say(`complaint ${error}`));
    if (missing !== undefined) {
        await page.route(missing, (route) => route.fulfill({ status: 404 }));
    }
    const response = await page.goto(url);
    say(`page ${response.status()}`);
    return page;
}
