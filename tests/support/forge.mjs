// SPDX-License-Identifier: MIT
// Asks a guarded program again and again, each time with a header that could be read as one of those that hand on claims, and judges what the program got.
//
//     node forge.mjs PORT PATH full|brief [TOKEN-FILE]
//
// "full": each spelling also in small letters and in capitals. The program writes what it got as NAME=VALUE lines, as http-show.mjs does. It may get, under all
// names that are read as ours when whatever is neither letter nor digit is made "_", what it gets of a client that forges nothing, no more; or the answer is the
// guard's 400. Headers whose names only look like ours have to arrive. Prints what was wrong, and ends with 1; else how many were sent.
import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';

const [port, path, extent, tokenFile] = process.argv.slice(2);
const token = tokenFile && readFileSync(tokenFile, 'utf8').trim();
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

// RFC 9110, section 5.6.2.
const ODD = [..."!#$%&'*+-.^_`|~"];
const PARTS = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const NAMES = ['Bearer Sub', 'Bearer Scope', 'Bearer Permissions', 'Bearer Client Id', 'Bearer Profile', 'Bearer Exp', 'Bearer Claims', 'Bearer Claim Org', 'Bearer Foo', 'Remote User', 'Auth Type'];

// Every way to join the words with these.
const joined = ([first, ...rest], by) =>
    rest.length === 0 ? [first] : joined(rest, by).flatMap((tail) => by.map((octet) => `${first}${octet}${tail}`));
const cases = (name) => (extent === 'full' ? [name, name.toLowerCase(), name.toUpperCase()] : [name]);

const forged = NAMES.flatMap((name) => joined(name.split(' '), ODD)).concat('Bearer-', 'Bearer.', 'Bearer--Sub', 'Bearer-Sub-', 'bEARER_sUB').flatMap(cases);
const near = PARTS.flatMap((octet) => [`Bearer${octet}Sub`, `Remote${octet}User`, `Auth${octet}Type`]);
const honest = ['Cookie', 'Bearer', 'Bearerfoo', 'X-Bearer-Foo', 'X-Bearer-Sub', '-Bearer-Sub', 'X-Remote-User', 'Remote-Users', 'RemoteUser', 'Auth-Types', 'X-Auth-Type', 'Bearers-Sub'];

const fold = (name) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
const OURS = /^(REDIRECT_)*(HTTP_)?(BEARER_.*|REMOTE_USER|AUTH_TYPE)$/;

function ask(headers) {
    return new Promise((resolve, reject) => {
        const sent = { ...headers, ...(token && { Authorization: `Bearer ${token}` }) };
        const call = request({ host: '127.0.0.1', port, path, agent, headers: sent }, (answer) => {
            let body = '';
            answer.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => resolve({ status: answer.statusCode, body }));
        });
        call.on('error', reject).end();
    });
}

const params = (body) => body.split('\n').filter((line) => line.includes('=')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
const ours = (body) => params(body).map(([name, value]) => `${fold(name)}=${value}`).filter((line) => OURS.test(line.slice(0, line.indexOf('=')))).sort().join('\n');

const wrong = [];
const first = await ask({});
if (first.status !== 200) throw new Error(`without a forged header: ${first.status}`);
const said = ours(first.body);

async function forge(name) {
    const { status, body } = await ask({ [name]: 'FORGED' });
    if (status === 200 ? ours(body) !== said : status !== 400 || body !== '{"detail":"A request header is not allowed"}') {
        wrong.push(`${name}: ${status}, ${status === 200 ? ours(body).replaceAll('\n', ' ') : body}`);
    }
}

// So many at once that no server finds them too many.
async function pass(names) {
    const { status, body } = await ask(Object.fromEntries(names.map((name) => [name, `value of ${name}`])));
    const got = new Map(params(body));
    const lost = names.filter((name) => got.get(`HTTP_${name.toUpperCase().replaceAll('-', '_')}`) !== `value of ${name}`);
    if (status !== 200 || ours(body) !== said || lost.length > 0) {
        wrong.push(`honest ${names.join(' ')}: ${status}, lost: ${lost.join(' ')}`);
    }
}

const queue = [...forged];
await Promise.all(Array.from({ length: 4 }, async () => {
    while (queue.length > 0) await forge(queue.pop());
}));
const fine = [...new Map([...near, ...honest].map((name) => [name.toLowerCase(), name])).values()];
for (let i = 0; i < fine.length; i += 40) await pass(fine.slice(i, i + 40));

agent.destroy();
console.log(wrong.length > 0 ? wrong.slice(0, 10).join('\n') : `${forged.length} forged, ${fine.length} honest`);
if (wrong.length > 0) console.log(`${wrong.length} wrong, of ${forged.length}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
