import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { ApiClient } from './client.ts'

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})

const resourcesSchema = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
})

type Resource = { readonly prefix: string; readonly name: string; readonly namespaced: boolean }

/** Asks again for a while: a kind of a definition that was just applied is not served at once. */
const findResource = async (
  admin: ApiClient,
  apiVersion: string,
  kind: string,
): Promise<Resource> => {
  const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const listed = resourcesSchema.safeParse((await admin.request('GET', prefix)).body)
    const found = listed.data?.resources.find((one) => one.kind === kind && !one.name.includes('/'))
    if (found) return { prefix, name: found.name, namespaced: found.namespaced }
    await sleep(100)
  }
  throw new Error(`The API server serves no ${kind} of ${apiVersion}`)
}

/** Server-side apply of every document, in order, as `kubectl apply --server-side` does. */
export const applyManifest = async (
  admin: ApiClient,
  yaml: string,
  defaultNamespace = 'default',
): Promise<void> => {
  const documents = parseAllDocuments(yaml)
  for (const document of documents) {
    const parsed: unknown = document.toJS()
    if (parsed === null) continue
    const object = objectSchema.parse(parsed)
    const { prefix, name, namespaced } = await findResource(admin, object.apiVersion, object.kind)
    const namespace = object.metadata.namespace ?? defaultNamespace
    const scope = namespaced ? `/namespaces/${namespace}` : ''
    const path = `${prefix}${scope}/${name}/${object.metadata.name}`
    await admin.must(
      'PATCH',
      `${path}?fieldManager=backout-test&force=true`,
      JSON.stringify(object),
      'application/apply-patch+yaml',
    )
  }
}
