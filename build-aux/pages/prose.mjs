// SPDX-License-Identifier: MIT
// Of look: what write-good says about the lines "text FILE:LINE TEXT" on stdin, as "found FILE:LINE WHAT". Its
// counts of the passive voice come last, as "passive FILE N of M": it takes "is signed" for one, and "is denied",
// so they are a figure and no fault.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, exceptionsFile] = process.argv.slice(2);
const writeGood = createRequire(modules)('write-good');
const exceptions = new Set(
    readFileSync(exceptionsFile, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.toLowerCase()));
const checks = { passive: false, adverb: false, eprime: false, so: false, thereIs: false };
const onlyPassive = { passive: true, illusion: false, so: false, thereIs: false, weasel: false, adverb: false, tooWordy: false, cliches: false, eprime: false };
const sentences = {}, passives = {};

for await (const line of createInterface({ input: process.stdin })) {
    const [kind, place, text] = line.split('\t');
    if (kind !== 'text' || !text) continue;
    for (const { index, offset, reason } of writeGood(text, checks)) {
        const word = text.slice(index, index + offset).toLowerCase();
        if (!exceptions.has(word)) console.log(`found\t${place}\t${reason}`);
    }
    const file = place.replace(/:\d+$/, '');
    sentences[file] = (sentences[file] ?? 0) + (text.match(/[.:!?](\s|$)/g) ?? []).length;
    passives[file] = (passives[file] ?? 0) + writeGood(text, onlyPassive).length;
}
for (const file of Object.keys(sentences)) console.log(`passive\t${file}\t${passives[file]} of ${sentences[file]}`);
