// SPDX-License-Identifier: MIT
// Prints what makes an OpenID Connect plugin of Glewlwyd, with a new key, whose clients may ask for tokens for these audiences.
//
//   node glewlwyd.mjs https://HOST:PORT AUDIENCE...
import { generateKeyPairSync } from 'node:crypto';

const [host, ...audiences] = process.argv.slice(2);
const kid = 'glewlwyd-1';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', kid, use: 'sig' };

console.log(
  JSON.stringify({
    module: 'oidc',
    name: 'oidc',
    display_name: 'OpenID Connect',
    parameters: {
      iss: `${host}/api/oidc`,
      'jwks-private': JSON.stringify({ keys: [key] }),
      'default-kid': kid,
      'jwks-show': true,
      'access-token-duration': 3600,
      'refresh-token-duration': 3600,
      'code-duration': 600,
      'auth-type-client-enabled': true,
      'allow-non-oidc': true,
      'allowed-scope': ['openid', 'read:files', 'write:files'],
      'resource-allowed': true,
      'resource-scope': { 'read:files': audiences, 'write:files': audiences },
    },
  }),
);
