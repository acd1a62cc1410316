/** The way to a value in the settings. */
export type Path = readonly PropertyKey[]

/** `services[0].url`. */
export function dotted(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}
