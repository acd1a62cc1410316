import type { NameOf } from '../../chat/outside/shown.ts'
import type { Config } from '../../config/load-config.ts'

/** People as the settings call them, with their ids: two may have one name. */
export function nameIn({ onCall }: Config['settings']['contacts']): NameOf {
  return (id) => {
    const found = onCall.find(({ slack }) => slack === id)
    return found ? `${found.name} (${id})` : null
  }
}
