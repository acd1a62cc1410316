import type { DatabaseLoad } from '../ports/database.ts'
import { round } from './ratio.ts'

/** What a database tells of how hard it is for it; what it does not tell is left out. */
export function loadWords(load: DatabaseLoad | undefined): readonly string[] {
  if (!load) return []
  const { readMs, writeMs, slowOperations, lagSeconds, logHours } = load
  return [
    ...(readMs === null ? [] : [`a read takes ${round(readMs, 1)} ms`]),
    ...(writeMs === null ? [] : [`a write takes ${round(writeMs, 1)} ms`]),
    ...(slowOperations === null ? [] : [slowWords(slowOperations)]),
    ...(lagSeconds === null ? [] : [`the slowest copy is ${round(lagSeconds, 0)} s behind`]),
    ...(logHours === null ? [] : [`its log of writes goes back ${round(logHours, 1)} h`]),
  ]
}

function slowWords(operations: number): string {
  if (operations === 0) return 'nothing runs for longer than 5 s'
  return operations === 1
    ? '1 operation runs for longer than 5 s'
    : `${operations} operations run for longer than 5 s`
}
