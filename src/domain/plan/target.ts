/** "production: deployment shop/backend". A name that has it already stays as it is. */
export function targetIn(environment: string, target: string): string {
  const prefix = `${environment}: `
  return target.startsWith(prefix) ? target : prefix + target
}

/** As the targets of plans were named before there were several environments. */
export function withoutEnvironment(target: string): string {
  return target.replace(/^[^:]*: /, '')
}
