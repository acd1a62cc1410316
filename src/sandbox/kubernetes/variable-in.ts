/** What a variable of the service's own container says in a pod template; `null`: it is not there. */
export function variableIn(template: unknown, service: string, name: string): string | null {
  const own = named(fieldOf(fieldOf(template, 'spec'), 'containers'), service)
  const value = fieldOf(named(fieldOf(own, 'env'), name), 'value')
  return typeof value === 'string' ? value : null
}

function named(list: unknown, name: string): unknown {
  return Array.isArray(list) ? list.find((one: unknown) => fieldOf(one, 'name') === name) : null
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value)).get(field)
    : undefined
}
