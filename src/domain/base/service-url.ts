/** The address of a page below a service's base address, which may have a path of its own. */
export function serviceUrl(base: string, path: string): string {
  return base.replace(/\/+$/, '') + path
}

/** The same for one of these services; the settings have been compared with them. */
export function pageOf(
  services: readonly { readonly name: string; readonly url: string }[],
  { service, path }: { readonly service: string; readonly path: string },
): string {
  return serviceUrl(services.find(({ name }) => name === service)?.url ?? '', path)
}
