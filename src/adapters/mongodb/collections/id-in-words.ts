import { BSON } from 'mongodb'

const LONGEST = 200

/** For people who look for that document. */
export function idInWords(id: unknown): string {
  const text = BSON.EJSON.stringify(id, { relaxed: true })
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
