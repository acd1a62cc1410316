/** From when to when, in milliseconds since the epoch. */
export type Span = { readonly fromMs: number; readonly toMs: number }

/** The same time, each moment of it in one span, the earliest first. What is empty or the wrong way round is left out. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const sorted = spans
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .toSorted((a, b) => a.fromMs - b.fromMs)
  const found: Span[] = []
  for (const span of sorted) {
    const last = found.at(-1)
    if (last && span.fromMs <= last.toMs) {
      found[found.length - 1] = { ...last, toMs: Math.max(last.toMs, span.toMs) }
    } else {
      found.push(span)
    }
  }
  return found
}

/** How much of `within` is in the spans, in milliseconds. */
export function coveredMs(spans: readonly Span[], within: Span): number {
  return merged(spans).reduce((sum, { fromMs, toMs }) => {
    return sum + Math.max(0, Math.min(toMs, within.toMs) - Math.max(fromMs, within.fromMs))
  }, 0)
}

/** What is in the spans and in none of the others. */
export function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
  return merged(others).reduce<readonly Span[]>(
    (left, { fromMs, toMs }) =>
      left.flatMap((span) =>
        merged([
          { fromMs: span.fromMs, toMs: Math.min(span.toMs, fromMs) },
          { fromMs: Math.max(span.fromMs, toMs), toMs: span.toMs },
        ]),
      ),
    merged(spans),
  )
}
