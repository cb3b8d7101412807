// SPDX-License-Identifier: MIT
// What stays open behind a guard: a websocket and a stream of events.
//   node streams.mjs serve FILE           an application on a port of 127.0.0.1 the kernel chooses, which is written to FILE. PATH/echo is a websocket that sends back
//                                         what it gets; PATH/events sends one event, and the other when PATH/go was asked for;
//                                         where PATH ends in /plain, as text that is not said to be events. PATH/ticket has a ticket, which a
//                                         websocket below /open-app has to send first: it is told "welcome", or the connection ends
//   node streams.mjs try URL [TOKEN]      asks there as a client does, and prints a line for each: "events first second", "echo 101 hello", or the status
import { createHash, randomBytes } from 'node:crypto';
import { createServer, get, request } from 'node:http';
import { renameSync, writeFileSync } from 'node:fs';

const text = 'hello through the guard';

function serve(file) {
    const waiting = [];
    const tickets = new Set();
    const server = createServer((asked, answer) => {
        if (asked.url.endsWith('/go')) {
            for (const stream of waiting.splice(0)) stream.end('data: second\n\n');
            answer.end('gone\n');
            return;
        }
        if (asked.url.endsWith('/ticket')) {
            const ticket = randomBytes(16).toString('hex');
            tickets.add(ticket);
            answer.end(ticket);
            return;
        }
        const type = asked.url.endsWith('/plain/events') ? 'text/plain' : 'text/event-stream';
        answer.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
        answer.write('data: first\n\n');
        waiting.push(answer);
    });
    // RFC 6455, as far as a short text in one frame goes.
    server.on('upgrade', (asked, socket) => {
        const accept = createHash('sha1').update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        socket.on('error', () => {});
        let welcome = !asked.url.startsWith('/open-app/');
        socket.on('data', (frame) => {
            const length = frame[1] & 127;
            let sent = frame.subarray(6, 6 + length).map((byte, i) => byte ^ frame[2 + (i % 4)]);
            if (!welcome) {
                welcome = tickets.delete(sent.toString());
                if (!welcome) return socket.end(Buffer.from([0x88, 0]));
                sent = Buffer.from('welcome');
            }
            socket.write(Buffer.concat([Buffer.from([0x81, sent.length]), sent]));
        });
    });
    server.listen(0, '127.0.0.1', () => {
        writeFileSync(`${file}.new`, `${server.address().port}\n`);
        renameSync(`${file}.new`, file);
    });
    process.on('SIGTERM', () => process.exit(0));
}

function events(url, headers) {
    return new Promise((resolve, reject) => {
        let said = '';
        get(`${url}/events`, { headers, agent: false }, (answer) => {
            if (answer.statusCode !== 200) return resolve(`events ${answer.statusCode}`);
            answer.on('data', (bytes) => {
                const before = said;
                said += bytes;
                // The first one is here, and the second has not been sent.
                if (before === '') get(`${url}/go`, { headers, agent: false }, (gone) => gone.resume()).on('error', reject);
            });
            answer.on('end', () => resolve(`events ${said.replaceAll('data: ', '').trim().split(/\n+/).join(' ')}`));
        }).on('error', reject);
    });
}

function echo(url, headers) {
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64') };
    return new Promise((resolve, reject) => {
        const asked = request(`${url}/echo`, { headers: { ...headers, ...upgrade }, agent: false });
        asked.on('response', (answer) => resolve(`echo ${answer.statusCode}`));
        asked.on('upgrade', (answer, socket) => {
            const mask = randomBytes(4);
            const sent = Buffer.from(text).map((byte, i) => byte ^ mask[i % 4]);
            socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, sent]));
            socket.on('data', (frame) => {
                socket.destroy();
                resolve(`echo ${answer.statusCode} ${frame.subarray(2)}`);
            });
        });
        asked.on('error', reject);
        asked.end();
    });
}

const [what, where, token] = process.argv.slice(2);
if (what === 'serve') {
    serve(where);
} else {
    setTimeout(() => {
        console.log('nothing came');
        process.exit(1);
    }, 20000);
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    console.log(await events(where, headers));
    console.log(await echo(where, headers));
    process.exit(0); // whatever connection is still open
}
