// SPDX-License-Identifier: MIT
// A guarded HTTP backend for the tests: answers every request with a secret, the header fields it got, named as many programs read them (whatever is neither letter nor digit as `_`), and POSIX
// cksum and length of the body. "node http-show.mjs FILE" listens on a port of 127.0.0.1 the kernel chooses and writes it to FILE.
import { createServer } from 'node:http';
import { renameSync, writeFileSync } from 'node:fs';

const table = Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    return crc;
});

class Cksum {
    crc = 0;
    length = 0;
    byte(byte) {
        this.crc = (this.crc << 8) ^ table[((this.crc >>> 24) ^ byte) & 255];
    }
    add(bytes) {
        for (const byte of bytes) this.byte(byte);
        this.length += bytes.length;
    }
    toString() {
        for (let rest = this.length; rest > 0; rest = Math.floor(rest / 256)) this.byte(rest & 255);
        return `${~this.crc >>> 0} ${this.length}`;
    }
}

const server = createServer((request, response) => {
    const sum = new Cksum();
    request.on('data', (bytes) => sum.add(bytes));
    request.on('end', () => {
        const lines = ['\u16ca', `REQUEST_METHOD=${request.method}`, `REQUEST_URI=${request.url}`];
        for (let i = 0; i < request.rawHeaders.length; i += 2) {
            const name = request.rawHeaders[i].toUpperCase().replace(/[^A-Z0-9]/g, '_');
            lines.push(`HTTP_${name}=${request.rawHeaders[i + 1]}`);
        }
        lines.push(`BODY=${sum}`, '');
        response.setHeader('Content-Type', 'text/plain');
        response.end(lines.join('\n'));
    });
});

server.listen(0, '127.0.0.1', () => {
    writeFileSync(`${process.argv[2]}.new`, `${server.address().port}\n`);
    renameSync(`${process.argv[2]}.new`, process.argv[2]);
});
process.on('SIGTERM', () => process.exit(0));
