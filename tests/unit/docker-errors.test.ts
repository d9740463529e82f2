import { describe, expect, test } from 'vitest';
import { negotiate } from '../../src/runtime/docker/connect.ts';
import { translate } from '../../src/runtime/docker/errors.ts';

/** As dockerode throws them; the texts were measured on Docker 20.10.24. */
const http = (statusCode: number, message: string | null) =>
  Object.assign(
    new Error(`(HTTP code ${statusCode}) server error - ${message ?? 'Get "https://registry/": no such host'} `),
    {
      statusCode,
      json: message === null ? null : { message },
    },
  );
const socket = (code: string) => Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code });

describe('errors of the engine', () => {
  test.each([
    [
      'create ws-ada',
      409,
      'Conflict. The container name "/ws-ada" is already in use by container "1"',
      'ENGINE_CONFLICT',
    ],
    ['create ws-ada', 404, 'No such image: x:latest', 'IMAGE_NOT_FOUND'],
    ['create ws-ada', 400, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available', 'ENGINE_REFUSED'],
    ['create ws-ada', 400, 'Minimum memory limit allowed is 6MB', 'ENGINE_REFUSED'],
    [
      'create ws-ada',
      400,
      'invalid mount config for type "bind": bind source path does not exist: /x',
      'MOUNT_MISSING',
    ],
    ['create ws-ada', 500, 'mkdir /var/lib/docker/overlay2/x: no space left on device', 'DISK_FULL'],
    ['start ws-ada', 500, 'failed to create shim: write: no space left on device', 'DISK_FULL'],
    ['start ws-ada', 404, 'network ws-net not found', 'ENGINE_CONFLICT'],
    ['start ws-ada', 404, 'No such container: 1', 'ENGINE_CONFLICT'],
    [
      'start ws-ada',
      400,
      'failed to create shim task: OCI runtime create failed: exec: "x": not found',
      'START_FAILED',
    ],
    ['start ws-ada', 500, 'could not select device driver "" with capabilities: [[gpu]]', 'START_FAILED'],
    ['start ws-ada', 500, 'driver failed programming external connectivity', 'ENGINE_FAILED'],
    ['pause container', 409, 'Container 1 is already paused', 'ENGINE_CONFLICT'],
    ['remove container', 409, 'You cannot remove a running container 1', 'ENGINE_CONFLICT'],
    [
      'update limits',
      500,
      'runc did not terminate successfully: unable to set memory limit to 1 (current usage: 2)',
      'ENGINE_CONFLICT',
    ],
    ['pull x', 500, null, 'ENGINE_FAILED'],
    [
      'list containers',
      400,
      'client version 9.99 is too new. Maximum supported API version is 1.41',
      'ENGINE_UNREACHABLE',
    ],
  ])('%s: %i %s', (what, status, message, code) => {
    const error = translate(http(status, message), what);
    expect(error.code).toBe(code);
    expect(error.message).toContain(what);
    expect(error.hint).not.toBe('');
  });

  test.each([
    ['ENOENT', 'ENGINE_UNREACHABLE'],
    ['ECONNREFUSED', 'ENGINE_UNREACHABLE'],
    ['EACCES', 'ENGINE_UNREACHABLE'],
    ['ECONNRESET', 'ENGINE_UNREACHABLE'],
    ['ABORT_ERR', 'ENGINE_TIMEOUT'],
  ])('%s of the socket is %s', (code, wanted) => {
    expect(translate(socket(code), 'list containers').code).toBe(wanted);
  });

  test("a bug of ours is not the engine's absence", () => {
    expect(translate(new TypeError('x is not a function'), 'list containers').code).toBe('ENGINE_FAILED');
  });
});

test("the API version is the engine's own, up to what was tested, and never below its minimum", () => {
  expect([negotiate('1.41', '1.12'), negotiate('1.40', '1.12'), negotiate('1.47', '1.24')]).toEqual([
    '1.41',
    '1.40',
    '1.41',
  ]);
  expect(negotiate('1.52', '1.44')).toBe('1.44');
});
