import { existsSync } from 'node:fs';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { SwaggerModule } from '@nestjs/swagger';
import { openapiDocument } from '#contracts';
import type { GatewaySettings } from './gateway-settings.js';
import { GATEWAY_SETTINGS } from './gateway-settings.js';
import { answerBrokenRequest } from './http/broken-request.js';
import { InFlight } from './http/in-flight.js';
import { ProblemFilter } from './http/problem.filter.js';

/** Room for a customer id of 200 characters of four bytes each, percent-encoded. */
const maxParamLength = 200 * 4 * 3;

const lookForLateRequestsMs = 1_000;

/**
 * The server under Nest: Fastify's own limit on path parameters would cut off long customer ids, and it waits for ever for
 * the rest of a request.
 */
export const gatewayAdapter = (requestTimeoutMs = 30_000): FastifyAdapter =>
  new FastifyAdapter({
    routerOptions: { maxParamLength },
    requestTimeout: requestTimeoutMs,
    http: {
      connectionsCheckingInterval: Math.min(lookForLateRequestsMs, requestTimeoutMs),
      // Node takes the longer of the two for the body, whichever it is.
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
    },
    clientErrorHandler: answerBrokenRequest,
  });

/** What cannot be said in a module: parsers, error answers, documentation, the console. Call it before `listen`. */
export function configureGateway(app: NestFastifyApplication): void {
  const settings = app.get<GatewaySettings>(GATEWAY_SETTINGS, { strict: false });
  app.useGlobalFilters(new ProblemFilter());
  takeRawBodies(app, settings.maxBodyBytes);
  new InFlight(settings.maxInFlightBytes, settings.maxBodyBytes).guard(app.getHttpAdapter().getInstance());
  addSafetyHeaders(app);
  SwaggerModule.setup('docs', app, openapiDocument() as unknown as OpenAPIObject, {
    customSiteTitle: 'Churnwatch API',
    raw: ['json'],
  });
  if (existsSync(settings.consoleDir)) app.useStaticAssets({ root: settings.consoleDir, prefix: '/' });
}

/** The console is files of its own origin: nothing inline, nothing from elsewhere, no text taken for markup. */
const strictPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Swagger UI brings a style sheet inside its page and pictures inside that, and writes markup by hand. */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type BodyRead = (error: Error | null, body?: unknown) => void;

/** The intake reads bodies itself: it answers for each item, and in binary mode the body is not the event. */
function takeRawBodies(app: NestFastifyApplication, bodyLimit: number): void {
  const suffixed = /^application\/[\w.+-]+\+json(?:\s*;|$)/i;
  // Segment's browser library sends JSON as text/plain to be spared a preflight request.
  for (const type of ['application/json', suffixed, 'text/plain'])
    app.useBodyParser(type, { bodyLimit }, (_request: unknown, body: Buffer, done: BodyRead) => done(null, body));
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, () => {
    throw new UnsupportedMediaTypeException();
  });
}

/** A page with other needs, as the mailbox, says so in its own header, which then stands in place of this one. */
function addSafetyHeaders(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      void reply.headers({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': /^\/docs(?:[/?]|$)/.test(request.url) ? docsPolicy : strictPolicy,
      });
    });
}
