// SPDX-License-Identifier: MIT
// A real OpenID provider for the tests: npm's oidc-provider behind HTTPS on a port the kernel chooses.
//
//   node provider.mjs --cert FILE --key FILE --state FILE --audience NAME [--audience NAME ...]
//
// The issuer is https://localhost:PORT. A client exists for each algorithm, named like it, with the secret "secret"; the
// client_credentials grant gives it JWT access tokens signed by that algorithm, for any audience given.
//
// FILE of --state is replaced by "PORT GENERATION" once the provider answers, and again after each change of its keys:
//   SIGHUP   signs with new keys from now on; the old ones stay published behind them
//   SIGUSR2  withdraws all keys but those that sign
//   SIGTERM  ends it
// stdout gets a line "METHOD PATH" for every request, as it arrives.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { parseArgs } from 'node:util';
import Provider, { errors } from 'oidc-provider';

const KEY_TYPES = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};
const SCOPE = 'read:messages write:messages';

const { values: args } = parseArgs({
  options: {
    cert: { type: 'string' },
    key: { type: 'string' },
    state: { type: 'string' },
    audience: { type: 'string', multiple: true },
  },
});

// One private JWK for each algorithm. The provider itself gives each its kid, the RFC 7638 thumbprint.
function newKeys() {
  return Object.entries(KEY_TYPES).map(([alg, [type, options]]) => {
    const { privateKey } = generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig' };
  });
}

// JWT access tokens are not stored and no other kind is handed out: there is nothing to keep, nor to find.
class NoStorage {
  async upsert() {}

  async find() {}
}

// A provider's keys are fixed when it is made, so other keys mean another provider. It signs with the first that fits.
function newHandler(issuer, keys) {
  const provider = new Provider(issuer, {
    adapter: NoStorage,
    jwks: { keys },
    scopes: SCOPE.split(' '),
    clients: Object.keys(KEY_TYPES).map((alg) => ({
      client_id: alg,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        async getResourceServerInfo(ctx, resource, client) {
          if (!args.audience.includes(resource)) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: SCOPE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 3600,
            jwt: { sign: { alg: client.clientId } },
          };
        },
      },
    },
    ttl: { ClientCredentials: (ctx, token) => token.resourceServer.accessTokenTTL },
  });
  provider.on('server_error', (ctx, error) => console.error(error));
  return provider.callback();
}

let handler;
let keys = newKeys();
let generation = 0;

const server = createServer({ cert: readFileSync(args.cert), key: readFileSync(args.key) }, (request, response) => {
  console.log(`${request.method} ${request.url}`);
  handler(request, response);
});

function publish(newSet) {
  const { port } = server.address();
  handler = newHandler(`https://localhost:${port}`, newSet);
  keys = newSet;
  writeFileSync(`${args.state}.new`, `${port} ${generation}\n`);
  renameSync(`${args.state}.new`, args.state);
  generation += 1;
}

server.listen(0, '127.0.0.1', () => publish(keys));
process.on('SIGHUP', () => publish([...newKeys(), ...keys]));
process.on('SIGUSR2', () => publish(keys.slice(0, Object.keys(KEY_TYPES).length)));
process.on('SIGTERM', () => process.exit(0));
