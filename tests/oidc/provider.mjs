// SPDX-License-Identifier: MIT
// A real OpenID provider for the tests: npm's oidc-provider behind HTTPS on a port the kernel chooses.
//
//   node provider.mjs --cert FILE --key FILE --state FILE --audience NAME [--audience NAME ...]
//
// The issuer is https://localhost:PORT. A client exists for each algorithm, named like it, with the secret "secret"; the
// client_credentials grant gives it JWT access tokens signed by that algorithm, for any audience given. The client "native"
// has no secret: it sends a user, who is whoever he says he is, through the forms at /authorize, and by PKCE (RFC 7636) gets
// a token signed by RS256.
// As Auth0 has it: the endpoints are /authorize and /oauth/token, and `audience` says what RFC 8707 calls `resource`.
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

// A provider's keys are fixed when it is made, so other keys mean another provider. It signs with the first that fits.
function newHandler(issuer, keys) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    scopes: ['openid', ...SCOPE.split(' ')],
    routes: { authorization: '/authorize', token: '/oauth/token' },
    cookies: { keys: ['of the tests'] },
    extraParams: ['audience'],
    clients: [
      ...Object.keys(KEY_TYPES).map((alg) => ({
        client_id: alg,
        client_secret: 'secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      {
        client_id: 'native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        redirect_uris: ['http://localhost:8484/callback'],
        response_types: ['code'],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => ctx.oidc.params.audience ?? ctx.oidc.body?.audience,
        useGrantedResource: () => true,
        async getResourceServerInfo(ctx, resource, client) {
          if (!args.audience.includes(resource)) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: SCOPE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 3600,
            jwt: { sign: { alg: client.clientId in KEY_TYPES ? client.clientId : 'RS256' } },
          };
        },
      },
    },
    ttl: {
      AccessToken: (ctx, token) => token.resourceServer.accessTokenTTL,
      ClientCredentials: (ctx, token) => token.resourceServer.accessTokenTTL,
    },
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
