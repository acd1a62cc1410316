import { imageVersion } from '../../domain/workload/ledger.ts'
import type { Container, ImageAtHost, ImageId } from '../../ports/containers.ts'
import type { Way } from './judge.ts'

type ImageAt = (host: string, image: ImageId) => Promise<ImageAtHost>

/**
 * Folders that only one of two images declares as volumes, for whoever signs; each in a sentence. `images`: what each of the
 * ways leads to.
 */
export async function declaredByOne(
  { ways, images }: { readonly ways: readonly Way[]; readonly images: readonly ImageAtHost[] },
  imageAt: ImageAt,
): Promise<readonly string[]> {
  const said = await Promise.all(
    ways.map(async ({ container, to }, at) => {
      const then = images[at]
      if (!then) return []
      const now = await imageAt(container.host, container.image)
      return differences(container, now, { ...then, version: imageVersion(to) })
    }),
  )
  return [...new Set(said.flat())]
}

function differences(
  container: Container,
  now: ImageAtHost,
  to: ImageAtHost & { readonly version: string },
): readonly string[] {
  const { service, volumes } = container
  if (to.id === null) {
    return [
      `${service}: which folders ${to.version} keeps in volumes is not known before it is pulled.`,
    ]
  }
  const has = (path: string): boolean => volumes.some((one) => one.endsWith(` at ${path}`))
  const onlyThen = to.volumes.filter((path) => !has(path))
  const onlyNow = now.volumes.filter((path) => !to.volumes.includes(path) && has(path))
  return [
    ...onlyThen.map(
      (path) =>
        `${service}: ${to.version} keeps ${path} in a volume, which is new: what was written there is only in what is kept of the old container.`,
    ),
    ...onlyNow.map(
      (path) =>
        `${service}: only ${imageVersion(container)} declares the volume ${path}; ${to.version} gets it as it is.`,
    ),
  ]
}
