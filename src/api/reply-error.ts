import type { FastifyError, FastifyInstance } from 'fastify';
import { WorkdockError } from '../lib/errors.ts';
import type { ApiLog } from './server.ts';

const badRequest = (message: string, cause?: unknown) =>
  new WorkdockError('USAGE', message, { hint: 'see docs/reference/api.md for the request', cause });

/** The error as the client sees it: never a stack, never the text of an unexpected one. */
export function publicError(cause: Error) {
  const { http, error } = publicFace(cause as FastifyError | WorkdockError);
  return { http, error, told: { code: error.code, message: error.message, hint: error.hint } };
}

function publicFace(error: FastifyError | WorkdockError): { http: number; error: WorkdockError } {
  if (error instanceof WorkdockError) return { http: error.policy.http, error };
  const wrong = error.validationContext === 'params' ? error.validation?.[0]?.instancePath : undefined;
  if (wrong === '/name' || wrong === '/home') {
    const [what, list] = wrong === '/home' ? ['home', 'home list'] : ['workspace', 'get'];
    const hint = `names are lower case letters, digits and dashes, at most 32; \`workdock ${list}\` lists them`;
    return { http: 404, error: new WorkdockError('NOT_FOUND', `no ${what} has such a name`, { hint, cause: error }) };
  }
  const http = error.statusCode ?? 500;
  if (error.validation || (http >= 400 && http < 500)) return { http, error: badRequest(error.message, error) };
  const hint = 'a bug of workdock: the log of the controller has the details; please report it';
  return { http: 500, error: new WorkdockError('INTERNAL', 'the controller failed to answer', { hint, cause: error }) };
}

/** Every failure leaves as `{code, message, hint}`; what we did not expect is logged once, here. */
export function replyWithErrors(app: FastifyInstance, log: ApiLog): void {
  app.setErrorHandler<FastifyError>((cause, request, reply) => {
    const { http, error, told } = publicError(cause);
    if (error.code === 'INTERNAL') log.error({ err: cause, method: request.method, url: request.url }, 'api failed');
    return reply.code(http).send(told);
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `no ${request.method} ${request.url.split('?')[0]} in this API`;
    return reply.code(404).send({ code: 'NOT_FOUND', message, hint: 'docs/reference/api.md lists the routes' });
  });
}
