import type { DataWritten } from '../../ports/collections.ts'

export const done: DataWritten = { kind: 'done' }
export const changed = (because: string): DataWritten => ({ kind: 'changed-meanwhile', because })
export const refused = (because: string): DataWritten => ({ kind: 'refused', because })
