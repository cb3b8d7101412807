// SPDX-License-Identifier: MIT
// An LDAP server that says yes, for tests: node ldap-yes.mjs FILE ROOT listens on a port of 127.0.0.1 the kernel chooses, which is written to FILE. Whoever binds is let in, with any
// password and none; every search finds one entry, whose documentRoot is ROOT, asked for or not; every comparison is true. RFC 4511, as far as libldap needs it.
import { createServer } from 'node:net';
import { renameSync, writeFileSync } from 'node:fs';

const [file, root] = process.argv.slice(2);

// BER, by its definite lengths.
function tagged(tag, ...contents) {
    const bytes = Buffer.concat(contents.map((content) => Buffer.from(content)));
    const length = bytes.length < 128 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 255];
    return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}

// { contents, end } of what begins at `at`; undefined if not all of it has come.
function parsed(bytes, at) {
    if (bytes.length < at + 2) return undefined;
    const more = bytes[at + 1] < 128 ? 0 : bytes[at + 1] & 127;
    if (bytes.length < at + 2 + more) return undefined;
    const begin = at + 2 + more;
    const end = begin + (more === 0 ? bytes[at + 1] : bytes.readUIntBE(at + 2, more));
    return bytes.length < end ? undefined : { contents: bytes.subarray(begin, end), end };
}

const text = (string) => tagged(0x04, string);
const result = (tag, code) => tagged(tag, tagged(0x0a, [code]), text(''), text(''));
const entry = tagged(0x64, text('uid=user'), tagged(0x30, tagged(0x30, text('documentRoot'), tagged(0x31, text(root)))));
const answers = { 0x60: [result(0x61, 0)], 0x63: [entry, result(0x65, 0)], 0x6e: [result(0x6f, 6)] };

const server = createServer((socket) => {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
        waiting = Buffer.concat([waiting, bytes]);
        for (let message = parsed(waiting, 0); message !== undefined; message = parsed(waiting, 0)) {
            const id = parsed(message.contents, 0);
            for (const answer of answers[message.contents[id.end]] ?? []) socket.write(tagged(0x30, message.contents.subarray(0, id.end), answer));
            waiting = waiting.subarray(message.end);
        }
    });
});
server.listen(0, '127.0.0.1', () => {
    writeFileSync(`${file}.new`, `${server.address().port}\n`);
    renameSync(`${file}.new`, file);
});
process.on('SIGTERM', () => process.exit(0));
