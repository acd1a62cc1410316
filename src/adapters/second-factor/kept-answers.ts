import { jsonOf } from '../../domain/base/json-of.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeptAnswers, SecondFactorPlace } from '../../ports/second-factor.ts'
import { forgetBefore } from './forget-before.ts'
import type { Seal } from './seal.ts'

/** So many of them are known here; another one is written once more. */
const MOST_KNOWN = 500

export function keptAnswers(deps: {
  readonly place: SecondFactorPlace
  readonly seal: Seal
  readonly clock: Clock
  /** What they are: one kind is never taken for another. */
  readonly of: 'answer' | 'session'
  /** The same again is written down only this much later. */
  readonly againMs: number
}): KeptAnswers {
  const { place, seal, clock, of, againMs } = deps
  const written = new Map<string, { readonly text: string; readonly atMs: number }>()
  /** Answers have had no kind in front of their keys since there is a store. */
  const keyOf = (key: string) => (of === 'answer' ? key : `${of} ${key}`)
  /** Its time is sealed with it: nobody makes an old answer a new one. */
  const about = (key: string, atMs: number) => `${of} ${key} at ${atMs}`
  return {
    async keep(key, answer) {
      const text = JSON.stringify(answer)
      const atMs = clock.now()
      const last = written.get(key)
      if (last?.text === text && atMs - last.atMs < againMs) return
      await place.each(async (rows) => {
        await rows.forgetOld(forgetBefore(atMs))
        await rows.putAnswer(keyOf(key), { atMs, body: seal.close(text, about(key, atMs)) })
      })
      if (written.size >= MOST_KNOWN) written.clear()
      written.set(key, { text, atMs })
    },
    async kept(key) {
      const found = await place.each((rows) => rows.answer(keyOf(key)))
      if (!found) return null
      const { atMs, body } = found
      return { answer: jsonOf(seal.open(body, about(key, atMs))), atMs }
    },
  }
}
