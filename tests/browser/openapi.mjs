// SPDX-License-Identifier: MIT
// openapi.mjs FILE...: of each file the version of OpenAPI that it is a document of, or what is wrong with it.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

for (const file of process.argv.slice(2)) {
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(readFileSync(file, "utf8")));
    console.log(result.valid ? `OpenAPI ${validator.version}` : JSON.stringify(result.errors, null, 1));
    process.exitCode ||= result.valid ? 0 : 1;
}
