// SPDX-License-Identifier: MIT
// browser.mjs API PORT TOKEN PICTURE: one browser, for starting it takes longer than all that is done in it.
import { demo } from "./demo.mjs";
import { docs } from "./docs.mjs";
import { launch } from "./launch.mjs";
import { origins } from "./origins.mjs";

const [api, port, token, picture] = process.argv.slice(2);
const browser = await launch();
try {
    await docs(browser, `${api}/docs`, token);
    await demo(browser, new URL("/", api).href, picture);
    await origins(browser, port, api, token);
} finally {
    await browser.close();
}
