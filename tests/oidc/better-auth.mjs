// SPDX-License-Identifier: MIT
// An application with npm's better-auth for the tests, behind HTTPS on a port the kernel chooses: users sign up by password, and its JWT plugin
// gives each session tokens, signed by EdDSA.
//
//   node better-auth.mjs --cert FILE --key FILE --state FILE --audience NAME [--audience NAME ...]
//
// The first audience is that of the application at /api/auth, the second that of the one at /api/auth1, and so on; they have users, sessions and
// keys in common. Who signs up as admin@... has the role "admin", everybody else "user".
//
// FILE of --state is replaced by "PORT 0" once it answers. SIGTERM ends it.
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { parseArgs } from 'node:util';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';

const { values: args } = parseArgs({
  options: {
    cert: { type: 'string' },
    key: { type: 'string' },
    state: { type: 'string' },
    audience: { type: 'string', multiple: true },
  },
});

const tables = { user: [], session: [], account: [], verification: [], jwks: [] };
const secret = randomBytes(32).toString('hex');

function application(origin, basePath, audience) {
  return betterAuth({
    baseURL: origin,
    basePath,
    secret,
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [
      jwt({
        jwt: {
          issuer: origin,
          audience,
          expirationTime: '1h',
          definePayload: ({ user }) => ({ email: user.email, role: user.email.startsWith('admin@') ? 'admin' : 'user' }),
        },
      }),
    ],
  });
}

const handlers = {};
const server = createServer({ cert: readFileSync(args.cert), key: readFileSync(args.key) }, (request, response) => {
  console.log(`${request.method} ${request.url}`);
  const handler = handlers[request.url.split('/').slice(0, 3).join('/')];
  if (handler !== undefined) {
    handler(request, response);
  } else {
    response.writeHead(404).end();
  }
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  args.audience.forEach((audience, i) => {
    const path = `/api/auth${i || ''}`;
    handlers[path] = toNodeHandler(application(`https://localhost:${port}`, path, audience));
  });
  writeFileSync(`${args.state}.new`, `${port} 0\n`);
  renameSync(`${args.state}.new`, args.state);
});
process.on('SIGTERM', () => process.exit(0));
