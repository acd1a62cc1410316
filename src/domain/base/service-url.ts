/** The address of a page below a service's base address, which may have a path of its own. */
export function serviceUrl(base: string, path: string): string {
  return base.replace(/\/+$/, '') + path
}
