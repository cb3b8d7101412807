// SPDX-License-Identifier: MIT
// Requests for /private with forged tokens to many workers at once, each over its own Unix socket, for the bats tests.
//
//     node flood.mjs COUNT TOKENS SOCKET...
//
// Every worker gets COUNT tokens, one after the other, each with a kid of its own and the claims and signature of the token in TOKENS/good; after each, as long as
// there are some, one of the other files in that directory, each twice; and the good token before the first and at the end of each turn. Prints, for each kind (the
// others by their file's name) and answer, "unknown 401 N" and so on, sorted.
import fs from 'node:fs';
import net from 'node:net';

const [count, dir, ...sockets] = process.argv.slice(2);
const token = (name) => fs.readFileSync(`${dir}/${name}`, 'utf8').trim();
const good = token('good');
const rest = good.slice(good.indexOf('.'));
const forms = fs.readdirSync(dir).filter((name) => name !== 'good').map((name) => [name, token(name)]);

const record = (type, content) => {
    const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
    return Buffer.concat([head, content]);
};
const size = (n) => (n < 128 ? Buffer.from([n]) : Buffer.from([0x80 | (n >>> 24), n >>> 16, n >>> 8, n]));
const param = (name, value) => Buffer.concat([size(name.length), size(value.length), Buffer.from(name + value)]);

function request(bearer) {
    const params = [
        ['REQUEST_METHOD', 'GET'],
        ['PATH_INFO', '/private'],
        ['HTTP_AUTHORIZATION', `Bearer ${bearer}`],
    ].map(([name, value]) => param(name, value));
    const none = Buffer.alloc(0);
    return Buffer.concat([
        record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])),
        record(4, Buffer.concat(params)),
        record(4, none),
        record(5, none),
    ]);
}

// The status and what Retry-After says; what is written to STDERR does not begin with "Status:".
function ask(socket, bearer) {
    return new Promise((resolve) => {
        const pieces = [];
        const connection = net.connect(socket, () => connection.write(request(bearer)));
        connection.on('data', (piece) => pieces.push(piece));
        connection.on('error', (error) => resolve(error.code));
        connection.on('close', () => {
            const text = Buffer.concat(pieces).toString('latin1');
            const status = /Status: (\d+)/.exec(text)?.[1] ?? 'none';
            const retry = /Retry-After: (\d+)/.exec(text)?.[1];
            resolve(retry === undefined ? status : `${status} ${retry}`);
        });
    });
}

const answers = {};
const tally = (kind, answer) => (answers[`${kind} ${answer}`] = (answers[`${kind} ${answer}`] ?? 0) + 1);

async function flood(socket, number) {
    tally('good', await ask(socket, good));
    for (let i = 0; i < Number(count); i++) {
        const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `stranger-${number}-${i}` });
        tally('unknown', await ask(socket, Buffer.from(header).toString('base64url') + rest));
        if (i < 2 * forms.length) {
            const [name, forged] = forms[(i + number) % forms.length];
            tally(name, await ask(socket, forged));
        }
        tally('good', await ask(socket, good));
    }
}

await Promise.all(sockets.map(flood));
for (const kind of Object.keys(answers).sort()) {
    console.log(`${kind} ${answers[kind]}`);
}
