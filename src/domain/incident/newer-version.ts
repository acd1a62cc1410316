import { Fault } from '../base/fault.ts'

/** Why an incident cannot be read here: its events are whole, and this version does not know all of them. */
const NEWER_VERSION = 'newer-version'

/** `what`: the kind of the event, and the field of it that is not known. */
export function ofNewerVersion(what: string, cause?: unknown): Fault {
  const detail = `a newer version of Backout has written what this one does not know (${what}). This one does nothing for that incident: leave it to the newer version, and end this one`
  return new Fault({ kind: 'terminal', dependency: 'journal', detail, code: NEWER_VERSION, cause })
}

export function isOfNewerVersion(error: unknown): boolean {
  return error instanceof Fault && error.code === NEWER_VERSION
}
