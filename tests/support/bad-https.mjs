// SPDX-License-Identifier: MIT
// An HTTPS server that misbehaves as it is told, for the bats tests (see bad-https.bash).
//
//     node bad-https.mjs DIR JWKS
//
// Listens on 127.0.0.1, its port is then in DIR/port. What is done with a connection is in DIR/connection when it comes, what is answered to
// a request for /NAME in DIR/answer/NAME; the good answer is the file JWKS. Certificates are DIR/ca/NAME.pem and .key. Every
// connection is a line of DIR/connections, every request one of DIR/requests.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import zlib from 'node:zlib';

const [dir, jwks] = process.argv.slice(2);
const MIB = 1024 * 1024;
const spaces = Buffer.alloc(64 * 1024, ' ');

const told = (name) => fs.readFileSync(`${dir}/${name}`, 'utf8').trim().split(' ');

// Calls give() for more whenever the other side has taken what there was, until it is gone or give() says no.
function pour(stream, give) {
    while (!stream.destroyed) {
        const piece = give();
        if (piece === undefined) {
            return;
        }
        if (!stream.write(piece)) {
            stream.once('drain', () => pour(stream, give));
            return;
        }
    }
}

// One byte of `text`, and again from its beginning, every so many milliseconds.
function drip(stream, text, pause) {
    let at = 0;
    const timer = setInterval(() => stream.write(text[at++ % text.length]), pause);
    stream.on('close', () => clearInterval(timer));
}

const json = { 'Content-Type': 'application/json' };
const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

// What is done to a document before it is sent.
const filters = {
    mark: (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    'deflate-raw': zlib.deflateRawSync,
    br: (body) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
    // RFC 8878: one frame of its size, of blocks that are not compressed, or of one octet many times.
    zstd: (body) => {
        const pieces = [Buffer.from('28b52ffda0', 'hex'), Buffer.alloc(4)];
        pieces[1].writeUInt32LE(body.length);
        for (let at = 0; at === 0 || at < body.length; at += 128 * 1024) {
            const block = body.subarray(at, at + 128 * 1024);
            const same = block.every((octet) => octet === block[0]);
            const head = Buffer.alloc(4);
            head.writeUInt32LE((block.length << 3) | (same ? 2 : 0) | (at + block.length === body.length ? 1 : 0));
            pieces.push(head.subarray(0, 3), same ? block.subarray(0, 1) : block);
        }
        return Buffer.concat(pieces);
    },
    cut: (body) => body.subarray(0, body.length / 2),
};

const answers = {
    good: (res) => res.writeHead(200, { ...json, ETag: '"1"' }).end(fs.readFileSync(jwks)),
    status: (res, code) => res.writeHead(Number(code), json).end(fs.readFileSync(jwks)),
    redirect: (res, code, to) => res.writeHead(Number(code), { Location: to }).end(),
    // The good document, so that it is no other fault that stops it.
    drip: (res, pause) => drip(res.writeHead(200, json), fs.readFileSync(jwks, 'latin1') + ' '.repeat(MIB), Number(pause)),
    'drip-head': (res, pause) => drip(res.socket, head + 'X-Padding: ' + 'x'.repeat(MIB), Number(pause)),
    'never-answers': () => {},
    gigabyte: (res) => {
        let left = 1024 * MIB;
        res.writeHead(200, { ...json, 'Content-Length': left });
        pour(res, () => ((left -= spaces.length) >= 0 ? spaces : undefined));
    },
    'gigabyte-chunked': (res) => {
        let left = 1024 * MIB;
        res.writeHead(200, json);
        pour(res, () => ((left -= spaces.length) >= 0 ? spaces : void res.end()));
    },
    endless: (res) => pour(res.writeHead(200, json), () => spaces),
    'endless-head': (res) => {
        let count = 0;
        res.socket.write(head);
        pour(res.socket, () => `X-Header-${count++}: ${'x'.repeat(8000)}\r\n`);
    },
    'endless-line': (res) => {
        res.socket.write(head + 'X-Header: ');
        pour(res.socket, () => 'x'.repeat(8000));
    },
    'endless-100': (res) => pour(res.socket, () => 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500)),
    // More is announced than comes.
    short: (res) => {
        res.writeHead(200, { ...json, 'Content-Length': fs.statSync(jwks).size + 10 });
        res.write(fs.readFileSync(jwks), () => res.socket.end());
    },
    gzip: (res) => res.writeHead(200, { ...json, 'Content-Encoding': 'gzip' }).end(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4])),
    // A file (-: the good document) through these filters, said to be encoded so (-: nothing is said).
    encoded: (res, coding, file, ...names) => {
        const body = names.reduce((text, name) => filters[name](text), fs.readFileSync(file === '-' ? jwks : file));
        res.writeHead(200, coding === '-' ? json : { ...json, 'Content-Encoding': coding.replaceAll(',', ', ') }).end(body);
    },
    'encoded-status': (res, coding, code) => res.writeHead(Number(code), { ...json, 'Content-Encoding': coding }).end('?'),
    'coded-bomb': (res, coding) =>
        res.writeHead(200, { ...json, 'Content-Encoding': coding }).end(filters[coding](Buffer.alloc(16 * MIB, ' '))),
    // Empty blocks of deflate: no octet ever comes out of them. Likewise a name of a file in the head of gzip.
    'endless-nothing': (res) => {
        res.writeHead(200, { ...json, 'Content-Encoding': 'gzip' }).write(Buffer.from('1f8b0800000000000003', 'hex'));
        pour(res, () => Buffer.from('000000ffff'.repeat(8000), 'hex'));
    },
    'endless-name': (res) => {
        res.writeHead(200, { ...json, 'Content-Encoding': 'gzip' }).write(Buffer.from('1f8b0808000000000003', 'hex'));
        pour(res, () => spaces);
    },
    // Much in a few bytes, for who unpacks what was not asked for: 64 MiB of zeros.
    bomb: (res) => {
        res.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n');
        res.socket.end(zlib.gzipSync(Buffer.alloc(64 * MIB)));
    },
    // Bytes in the place of an answer, C escapes for control characters.
    raw: (res, ...words) => res.socket.end(JSON.parse(`"${words.join(' ')}"`)),
};

// As a proxy.
function lead(req, socket, head) {
    fs.appendFileSync(`${dir}/requests`, `CONNECT ${req.url}\n`);
    const [host, port] = req.url.split(':');
    // What it leads to listens on IPv4 alone; Node before 20 tries one address of a name, and that may be ::1.
    const to = net.connect({ port: Number(port), host, family: 4 }, () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        to.write(head);
        socket.pipe(to).pipe(socket);
    });
    to.on('error', () => socket.destroy());
    socket.on('error', () => to.destroy());
}

const servers = {};

function server(certificate) {
    servers[certificate] ??= https
        .createServer({ cert: fs.readFileSync(`${dir}/ca/${certificate}.pem`), key: fs.readFileSync(`${dir}/ca/${certificate}.key`) })
        .on('request', (req, res) => {
            fs.appendFileSync(`${dir}/requests`, `${req.method} ${req.url}\n`);
            res.socket.on('error', () => {});
            res.on('error', () => {});
            const [how, ...words] = told(`answer/${req.url.slice(1)}`);
            answers[how](res, ...words);
        })
        // And as a proxy, to whom it leads is asked there.
        .on('connect', lead)
        .on('tlsClientError', () => {});
    return servers[certificate];
}

const connections = {
    tls: (socket, certificate) => server(certificate).emit('connection', socket),
    // A proxy without TLS. Before TLS with the server behind it begins, one file takes the place of another.
    'swapping-proxy': (socket, from, to) => {
        const proxy = http.createServer().on('connect', (...request) => {
            fs.renameSync(from, to);
            lead(...request);
        });
        proxy.emit('connection', socket);
    },
    'plain-http': (socket) => socket.end(`${head}\r\n${fs.readFileSync(jwks)}`),
    garbage: (socket) => socket.end(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167 + 13) % 256))),
    silent: () => {},
    hangup: (socket) => socket.end(),
    // The first half of an answer to the greeting.
    stall: (socket) => socket.once('data', () => socket.write(Buffer.from('160303007a0200', 'hex'))),
};

net.createServer((socket) => {
    socket.on('error', () => {});
    const [how, ...words] = told('connection');
    fs.appendFileSync(`${dir}/connections`, `${how}\n`);
    connections[how](socket, ...words);
}).listen(0, '127.0.0.1', function () {
    fs.writeFileSync(`${dir}/port.new`, `${this.address().port}\n`);
    fs.renameSync(`${dir}/port.new`, `${dir}/port`);
});
