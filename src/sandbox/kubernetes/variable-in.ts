type Entry =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'from'; readonly configMap: string; readonly key: string }

/** A variable of the service's own container in a pod template; `null`: it is not there. */
export function variableIn(template: unknown, service: string, name: string): Entry | null {
  const own = named(fieldOf(fieldOf(template, 'spec'), 'containers'), service)
  const entry = named(fieldOf(own, 'env'), name)
  const value = fieldOf(entry, 'value')
  if (typeof value === 'string') return { kind: 'value', value }
  const source = fieldOf(fieldOf(entry, 'valueFrom'), 'configMapKeyRef')
  const [configMap, key] = [fieldOf(source, 'name'), fieldOf(source, 'key')]
  const isSource = typeof configMap === 'string' && typeof key === 'string'
  return isSource ? { kind: 'from', configMap, key } : null
}

function named(list: unknown, name: string): unknown {
  return Array.isArray(list) ? list.find((one: unknown) => fieldOf(one, 'name') === name) : null
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value)).get(field)
    : undefined
}
