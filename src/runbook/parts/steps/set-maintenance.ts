import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import type { World } from '../../../ports/world.ts'
import { cacheOf } from '../require-port.ts'

const Text = z.object({ key: z.string(), from: z.string().nullable(), to: z.string().nullable() })
const Proof = z.object({ url: z.string(), status: z.int() })

/** The maintenance keys are set or removed together, read back, and proved where a page is configured. */
export const setMaintenance = defineStep({
  id: 'set-maintenance',
  input: z.object({
    on: z.boolean(),
    cache: z.string(),
    texts: z.array(Text).min(1),
    proof: Proof.nullable(),
  }),
  deadlineMs: () => 60_000,
  onAbort: 'finish',

  title: ({ on }) => `Turn maintenance ${on ? 'on' : 'off'}`,

  changes: ({ on }) => [{ what: 'maintenance', from: on ? 'off' : 'on', to: on ? 'on' : 'off' }],

  async inspect({ world, signal }, { cache, texts }) {
    const redis = cacheOf(world)
    const identity = await redis.identity(signal)
    if (identity !== cache) {
      const says = `another Redis answers now: ${identity}, not ${cache}`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    const now = await Promise.all(texts.map(({ key }) => redis.readText(key, signal)))
    if (texts.every(({ to }, index) => now[index] === to)) {
      return { kind: 'done', begun: 'no-mark', says: 'the keys stand so' }
    }
    if (texts.every(({ from }, index) => now[index] === from)) {
      return { kind: 'needed', begun: 'no-mark', seen: null }
    }
    return { kind: 'blocked', begun: 'no-mark', says: 'somebody else changed the maintenance keys' }
  },

  async apply({ world, signal }, { texts }) {
    const done = await cacheOf(world).changeTexts(texts, signal)
    return done === 'changed' ? { kind: 'written' } : { kind: 'look-again' }
  },

  async verify({ world, signal }, { on, texts, proof }) {
    const redis = cacheOf(world)
    const now = await Promise.all(texts.map(({ key }) => redis.readText(key, signal)))
    if (!texts.every(({ to }, index) => now[index] === to)) {
      return { kind: 'not-yet', says: 'the keys do not stand as they should' }
    }
    const word = on ? 'on' : 'off'
    if (!proof)
      return { kind: 'verified', says: `the keys say ${word}; no page is configured to prove it` }
    const status = await statusOf(world, proof.url, signal)
    const proved = on ? status === proof.status : status !== proof.status && status < 400
    return proved
      ? { kind: 'verified', says: `the keys say ${word}, and ${proof.url} answers ${status}` }
      : { kind: 'not-yet', says: `the keys say ${word}, but ${proof.url} answers ${status}` }
  },

  adviseUndo: async (_, input) => ({ problem: null, cautions: notProved(input) }),

  onUndo: {
    kind: 'invert',
    input: ({ on, texts, ...rest }) => ({
      ...rest,
      on: !on,
      texts: texts.map(({ key, from, to }) => ({ key, from: to, to: from })),
    }),
  },
})

/** Where no page is configured that proves it. */
export function notProved({ proof }: { readonly proof: unknown }): readonly string[] {
  return proof ? [] : ['No page is configured that proves it (maintenance.proof).']
}

async function statusOf({ endpoints }: World, url: string, signal: AbortSignal): Promise<number> {
  return (await endpoints.ask({ url, signal })).status
}
