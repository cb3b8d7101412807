// SPDX-License-Identifier: MIT
// The API that bearer.fcgi ships, as one writes it with Express and Auth0's own middleware. One process per core.
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork();
} else {
  const { JWKS_URI: jwksUri, ISSUER: issuer, AUDIENCE: audience, PORT } = process.env;
  const app = express();
  app.get('/api/public', (request, response) => {
    response.json({ status: 'success', msg: "Hello from a public endpoint! You don't need to be authenticated to see this." });
  });
  app.get('/api/private', auth({ jwksUri, issuer, audience, tokenSigningAlg: 'RS256' }), (request, response) => {
    response.json(request.auth.payload);
  });
  app.listen(PORT, '127.0.0.1');
}
