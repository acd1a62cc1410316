import { describe, expect, test } from 'vitest'
import type { Instance, Instances } from '../../../src/ports/instances.ts'
import { faultOf, outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

/** A service `backend` of which {@link InstancesFixture.replicas} run, all of them well. */
export type InstancesFixture = {
  readonly instances: Instances
  readonly replicas: number
  /** Each of them is replaced by another one, as soon as these are well. */
  readonly replace: () => Promise<void>
  readonly pass: (ms: number) => Promise<void>
  /** `null`: from here there is no way to one of them alone. */
  readonly pages: {
    readonly port: number
    /** A page on which each tells `{ "MULTI_TENANT_ENABLED": …, "instance": its own id }`. */
    readonly path: string
    readonly value: string | null
  } | null
}

export type InstancesSubject = Outside<Instances> & {
  readonly start: () => Promise<InstancesFixture>
}

const list = ({ instances }: InstancesFixture): Promise<readonly Instance[]> =>
  instances.list('backend', patience())

const idsOf = (all: readonly Instance[]): string[] => all.map(({ id }) => id).toSorted()

const namesOf = ({ id, alsoCalled }: Instance): string[] => [id, ...alsoCalled]

async function until(
  fixture: InstancesFixture,
  good: (all: readonly Instance[]) => boolean,
): Promise<readonly Instance[]> {
  for (let turn = 0; turn < 200; turn += 1) {
    const all = await list(fixture)
    if (good(all)) return all
    await fixture.pass(100)
  }
  throw new Error('it never came to be')
}

export function instancesContract(
  name: string,
  subject: InstancesSubject,
  { asks }: { readonly asks: boolean },
): void {
  describe(`${name} keeps the promises of Instances`, () => {
    test('every one is listed once, under names that no other one has', async () => {
      const fixture = await subject.start()
      const all = await list(fixture)
      expect(all).toHaveLength(fixture.replicas)
      const names = all.flatMap(namesOf)
      expect(new Set(names).size).toBe(names.length)
      for (const { id, startedAt, ending } of all) {
        expect(id).toMatch(/backend/)
        expect(Date.parse(startedAt ?? '')).toBeGreaterThan(0)
        expect(ending).toBe(false)
      }
      expect(await list(fixture)).toEqual(all)
    })

    test('one that was replaced is not taken for the one that came in its place', async () => {
      const fixture = await subject.start()
      const before = await list(fixture)
      await fixture.replace()
      const after = await until(
        fixture,
        (all) =>
          all.length === fixture.replicas && all.every(({ id, ending }) => id !== '' && !ending),
      )
      const old = new Set(before.flatMap(namesOf).filter((one) => one.length >= 12))
      const own = after.map((one) => one.alsoCalled.concat(one.id))
      // Compose calls a container by the same name again; by its id it is another one.
      for (const names of own) expect(names.some((one) => !old.has(one))).toBe(true)
      const startedMs = (all: readonly Instance[]): number[] =>
        all.map(({ startedAt }) => Date.parse(startedAt ?? ''))
      expect(Math.min(...startedMs(after))).toBeGreaterThanOrEqual(Math.max(...startedMs(before)))
    })

    test('a service that it does not know has not no instances: it cannot be asked', async () => {
      const { instances } = await subject.start()
      const fault = await faultOf(instances.list('no-such-service', patience()))
      expect(fault).toMatchObject({ kind: 'terminal' })
      expect(fault.detail).toContain('no-such-service')
      const question = { port: 8080, path: '/', signal: patience() }
      expect(await faultOf(instances.ask('no-such-service', 'one', question))).toMatchObject({
        kind: 'terminal',
      })
    })

    if (asks) askedOneByOne(subject)
    else {
      test('none of them can be asked by itself, and that is said without a question', async () => {
        const fixture = await subject.start()
        expect(fixture.pages).toBeNull()
        const [first] = await list(fixture)
        const question = { port: 8080, path: '/flags', signal: patience() }
        expect(await fixture.instances.ask('backend', first?.id ?? '', question)).toBeNull()
      })
    }

    const question = { port: 8080, path: '/flags' }
    outsideContract(subject, {
      'the list': (instances, signal) => instances.list('backend', signal),
      ...(asks
        ? {
            'a question to one of them': (instances: Instances, signal: AbortSignal) =>
              instances.ask('backend', 'backend-1', { ...question, signal }),
          }
        : {}),
    })
  })
}

function askedOneByOne(subject: InstancesSubject): void {
  const started = async () => {
    const fixture = await subject.start()
    const { pages } = fixture
    if (!pages) throw new Error('there are no pages')
    const ask = (id: string, { port = pages.port, path = pages.path } = {}) =>
      fixture.instances.ask('backend', id, { port, path, signal: patience() })
    return { fixture, pages, ask }
  }

  test('each tells for itself by which value it goes', async () => {
    const { fixture, pages, ask } = await started()
    const ids = idsOf(await list(fixture))
    const answers = await Promise.all(ids.map((id) => ask(id)))
    expect(answers.map((one) => one?.status)).toEqual(ids.map(() => 200))
    expect(answers.map((one): unknown => JSON.parse(one?.body ?? ''))).toEqual(
      ids.map((instance) => ({ MULTI_TENANT_ENABLED: pages.value, instance })),
    )
    expect(answers.map((one) => one?.truncated)).toEqual(ids.map(() => false))
  })

  test('an answer of any status is an answer', async () => {
    const { fixture, ask } = await started()
    const [id = ''] = idsOf(await list(fixture))
    expect(await ask(id, { path: '/no-such-page' })).toMatchObject({ status: 404 })
  })

  test('a port where nothing listens is no answer, and says so in words', async () => {
    const { fixture, ask } = await started()
    const [id = ''] = idsOf(await list(fixture))
    const fault = await faultOf(ask(id, { port: 9 }))
    expect(fault.kind).toBe('retryable')
    expect(fault.detail).toContain(`${id} does not answer at port 9`)
  })

  test('one that is there no more is no answer, and not the end of it', async () => {
    const { ask } = await started()
    const fault = await faultOf(ask('backend-gone'))
    expect(fault).toMatchObject({ kind: 'retryable', code: '404' })
    expect(fault.detail).toContain('backend-gone')
  })
}
