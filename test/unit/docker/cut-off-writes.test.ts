import { expect, test } from 'vitest'
import { keepChanges } from '../../../src/adapters/docker/write/keep-changes.ts'
import { stop } from '../../../src/adapters/docker/write/run.ts'
import type { Target } from '../../../src/adapters/docker/write/target.ts'
import type { DockerWrite } from '../../../src/adapters/docker/client/client.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { inspected } from './inspected.ts'

/** A container that serves, on a host that answers one kind of call like this. */
function targetThat(fails: { readonly path: RegExp; readonly code: string }) {
  const seen = inspected({}, { RestartPolicy: { Name: 'always' } })
  const asked: string[] = []
  const failing = ({ path, ...call }: { readonly path: string; readonly body?: unknown }) => {
    asked.push(`${path.split('/').at(-1)} ${JSON.stringify(call.body ?? null)}`)
    if (!fails.path.test(path)) return
    const kind = fails.code.startsWith('4') ? 'terminal' : 'unknown-outcome'
    throw new Fault({ kind, dependency: 'docker', detail: 'it says no', code: fails.code })
  }
  const host = {
    get: async () => seen,
    write: async (call: DockerWrite) => failing(call),
    stream: async (call: { readonly path: string }) => {
      failing(call)
      throw new Error('not asked for more')
    },
  }
  const target = { host, seen, member: {}, signal: AbortSignal.timeout(5_000) }
  return { target: target as unknown as Target, asked }
}

test('a container that a stop did not end keeps the policy by which its host starts it again', async () => {
  const { target, asked } = targetThat({ path: /stop$/, code: '500' })
  await expect(stop(target, null)).rejects.toThrow('it says no')
  expect(asked).toEqual([
    'update {"RestartPolicy":{"Name":"no","MaximumRetryCount":0}}',
    'stop null',
    'update {"RestartPolicy":{"Name":"always","MaximumRetryCount":0}}',
  ])
})

test('where a host does not tell what a container has written, nothing of it is thrown away', async () => {
  const { target } = targetThat({ path: /changes$/, code: '403' })
  const answer = await keepChanges(target, 'backout-kept/backend:0123456789ab')
  expect(answer).toEqual({ kind: 'refused', because: 'it says no' })
})
