import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { JournaledEvent } from '../../src/domain/incident/event.ts'
import { Surface } from '../../src/domain/incident/surface.ts'
import { parseStored } from '../../src/journal/stored-event.ts'
import { Card } from './card-words.ts'

/*
 * What version 0.3.0 wrote, to hold this one against: whole stories in virtual time, told by its own
 * engine to its own sandbox. A line is an event as it was journaled, or what cards said after the events
 * above it. A card that another story tells word for word is left out, and so is most of what was measured.
 */

const FOLDER = fileURLToPath(import.meta.resolve('../fixtures/last-version'))

const Cards = z.partialRecord(Surface, Card)
type Cards = z.infer<typeof Cards>

const Written = z.strictObject({ at: z.string(), event: z.json() })

const Line = z.union([
  z.strictObject({ incident: z.string() }),
  Written,
  z.strictObject({ cards: Cards }),
])

export type Story = {
  readonly name: string
  readonly id: string
  /** As they stand in the journal, before anything of this version has read them. */
  readonly written: readonly z.infer<typeof Written>[]
  /** What the cards said after so many events. */
  readonly said: readonly { readonly after: number; readonly cards: Cards }[]
}

export const STORIES: readonly Story[] = globSync('stories/*.jsonl', { cwd: FOLDER })
  .toSorted()
  .map(storyIn)

export function eventsOf({ id, written }: Story): readonly JournaledEvent[] {
  return written.map(({ at, event }, index) => {
    return parseStored({ incident: id, sequence: index + 1, at, body: JSON.stringify(event) })
  })
}

export function storyOf(name: string): Story {
  const story = STORIES.find((one) => one.name === name)
  if (!story) throw new Error(`there is no story ${name}`)
  return story
}

/** Each kind of press of its buttons, and what it took it for. */
export const PRESSES = linesOf('presses.jsonl').map((line) =>
  z
    .strictObject({
      action: z.string(),
      value: z.string(),
      incident: z.string(),
      intent: z.json().optional(),
      edits: z.string().optional(),
    })
    .parse(line),
)

/** A journal as it was on its disk: an incident that is closed, and one with a rollback under way. */
export function journalFileOfTheLastVersion(): Buffer {
  return gunzipSync(readFileSync(join(FOLDER, 'journal.sqlite.gz')))
}

function storyIn(file: string): Story {
  let id = ''
  const written: z.infer<typeof Written>[] = []
  const said: { readonly after: number; readonly cards: Cards }[] = []
  for (const line of linesOf(file).map((one) => Line.parse(one))) {
    if ('incident' in line) id = line.incident
    else if ('cards' in line) said.push({ after: written.length, cards: line.cards })
    else written.push(line)
  }
  return { name: basename(file, '.jsonl'), id, written, said }
}

function linesOf(file: string): readonly unknown[] {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}
