/** The same query over the last minute: `rate(x[5m])` asks what happened before a rollback, too. */
export function overTheLastMinute(query: string): string {
  return query.replaceAll(/\[\d+(?:s|m|h|d)\]/g, '[1m]')
}
