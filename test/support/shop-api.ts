import { randomInt } from 'node:crypto'
import type { Db } from 'mongodb'
import { z } from 'zod'
import { json, type MoreAnswers } from '../servers/app/app.ts'

const Sent = z.object({ text: z.string() })

/** What the shop's services do with its database: a project is kept, read, and removed. */
export function shopApi(db: Db): MoreAnswers {
  // Found anew each time: what has the name may be another one by then.
  const projects = () => db.collection<{ _id: string }>('projects')
  return async (request, sent) => {
    if (request === 'POST /api/projects') {
      const id = `tried-${randomInt(1e12)}`
      const { text } = Sent.parse(JSON.parse(sent))
      // Numbers are of one project alone.
      const document = { _id: id, organization: 'checks', number: 2_000_000 + randomInt(1e9), text }
      await projects().insertOne(document)
      return json(201, { id })
    }
    const [, method, id = ''] = /^(GET|DELETE) \/api\/projects\/([\w-]+)$/.exec(request) ?? []
    if (method === 'DELETE') {
      await projects().deleteOne({ _id: id })
      return json(200, {})
    }
    const found = method === 'GET' ? await projects().findOne({ _id: id }) : null
    return found ? json(200, found) : null
  }
}

/** An item of the verification: what people write is there when they read it. */
export const WRITES_AND_READS = {
  id: 'projects-are-kept',
  title: 'Projects are kept',
  check: {
    kind: 'chain',
    steps: [
      {
        service: 'backend',
        path: '/api/projects',
        method: 'POST',
        body: { json: { text: 'a check' } },
        save: { id: '$.id' },
      },
      {
        service: 'backend',
        path: '/api/projects/${saved.id}',
        expect: { json: [{ path: '$.text', equals: 'a check' }] },
      },
    ],
    cleanUp: { service: 'backend', path: '/api/projects/${saved.id}', method: 'DELETE' },
  },
}
