import type { parser } from '@prometheus-io/lezer-promql'
import { createRequire } from 'node:module'

type Parser = typeof parser

let loaded: Parser | null = null

/** Loaded with the first query that is read: its tables cost a start 30 ms, and most starts read none. */
export function promqlParser(): Parser {
  if (loaded) return loaded
  const module: { readonly parser: Parser } = createRequire(import.meta.url)(
    '@prometheus-io/lezer-promql',
  )
  loaded = module.parser
  return loaded
}
