/** One plan of one incident, as one text: what works for a plan is done once at a time. */
export function keyOf(id: string, plan: number): string {
  return `${id}/${plan}`
}

export function partsOf(key: string): readonly [string, number] {
  const [id = '', plan = '0'] = key.split('/')
  return [id, Number(plan)]
}
