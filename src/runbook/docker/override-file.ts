import { isMovingTag } from '../../domain/workload/versions.ts'
import type { Container, ImageId } from '../../ports/containers.ts'

type Chosen = { readonly container: Pick<Container, 'compose' | 'host'>; readonly image: ImageId }

/** What to put beside the compose files so that the next `up` keeps these images; `null`: compose made none of them. */
export function overrideFile(
  chosen: readonly Chosen[],
): { readonly says: string; readonly text: string } | null {
  const composed = chosen.flatMap(({ container: { compose, host }, image }) =>
    compose === null ? [] : [{ ...compose, host, line: imageLine(image) }],
  )
  if (composed.length === 0) return null
  const projects = [...Map.groupBy(composed, ({ project }) => project)]
  const texts = projects.map(([project, those]) => {
    const hosts = [...new Set(those.map(({ host }) => host))].toSorted()
    const folders = [...new Set(those.flatMap(({ folder }) => folder ?? []))]
    const at = folders.length === 1 ? `, in ${oneLine(folders[0] ?? '')}` : ''
    const lines = new Map(those.map(({ service, line }) => [service, line]))
    return [
      `# docker-compose.override.yml of ${oneLine(project)} on ${hosts.join(' and ')}${at}`,
      'services:',
      ...[...lines].flatMap(([service, line]) => [`  ${key(service)}:`, `    image: ${line}`]),
    ].join('\n')
  })
  return { says: SAYS, text: texts.join('\n\n') }
}

const SAYS =
  'So that the next “docker compose up” does not bring the other version back: write this beside the compose file, or change ' +
  'its image lines so, and take it away with the release that mends it. Compose reads the override by itself unless it is ' +
  'called with -f; then name it with -f, too.'

/** By its digest, under which it is the same everywhere; one that never was in a registry has only its name. */
function imageLine({ digest, reference, id }: ImageId): string {
  if (digest !== null) return key(digest)
  return isMovingTag(reference)
    ? `${key(reference)} # on the host it has to be ${id.slice(0, 19)}`
    : key(reference)
}

/** Names of compose and of images need no quotes; labels can be written by anybody. */
function key(text: string): string {
  return /^[A-Za-z0-9][\w./:@-]*$/.test(text) && !/: |:$/.test(text) ? text : JSON.stringify(text)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200)
}
