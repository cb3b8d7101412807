// SPDX-License-Identifier: MIT
// The API that bearer.fcgi ships, as one writes it with Fastify and fast-jwt, whose cache of verified tokens is on. One process per core.
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import Fastify from 'fastify';
import { createVerifier } from 'fast-jwt';

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork();
} else {
  const { PUBLIC_KEY, ISSUER, AUDIENCE, PORT } = process.env;
  const verify = createVerifier({
    key: readFileSync(PUBLIC_KEY, 'utf8'), algorithms: ['RS256'], allowedIss: ISSUER, allowedAud: AUDIENCE, cache: true,
  });
  const app = Fastify();
  app.get('/api/public', async () => (
    { status: 'success', msg: "Hello from a public endpoint! You don't need to be authenticated to see this." }
  ));
  app.get('/api/private', async (request, reply) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    try {
      if (scheme !== 'Bearer') throw new Error('Not authenticated');
      return verify(token);
    } catch (error) {
      reply.code(401);
      return { detail: error.message };
    }
  });
  await app.listen({ port: Number(PORT), host: '127.0.0.1' });
}
