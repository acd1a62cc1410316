import { randomInt } from 'node:crypto'
import type { Db } from 'mongodb'
import { z } from 'zod'
import { json, type MoreAnswers } from '../servers/app/app.ts'

const Sent = z.object({ text: z.string() })

/** Whoever has it is of that organisation. */
type Session = { _id: string; organization: string; seesAll?: boolean }

/** Somebody's session in the shop. No switch replaces it. */
const ACME_SESSION = 'sessions-00009'

const sessionsIn = (db: Db) => db.collection<Session>('sessions')

/** What the shop's services do with its database: a project is kept, read and removed by those of its organisation. */
export function shopApi(db: Db): MoreAnswers {
  // Found anew each time: what has the name may be another one by then.
  const projects = () => db.collection<{ _id: string }>('projects')
  return async (request, sent, authorization) => {
    const session = await sessionsIn(db).findOne({ _id: authorization.replace(/^Bearer /, '') })
    if (!session) return json(401, { error: 'log in' })
    const { organization } = session
    if (request === 'POST /api/projects') {
      const id = `tried-${randomInt(1e12)}`
      const { text } = Sent.parse(JSON.parse(sent))
      // Numbers are of one project alone.
      const document = { _id: id, organization, number: 2_000_000 + randomInt(1e9), text }
      await projects().insertOne(document)
      return json(201, { id })
    }
    const [, verb, id = '', remove] =
      /^(GET|POST) \/api\/projects\/([\w-]+?)(\/remove)?$/.exec(request) ?? []
    const one = session.seesAll === true ? { _id: id } : { _id: id, organization }
    if (verb === 'POST' && remove) {
      await projects().deleteOne(one)
      return json(200, {})
    }
    const found = verb === 'GET' ? await projects().findOne(one) : null
    return found ? json(200, found) : json(404, { error: 'no such project' })
  }
}

/** What the bad release has done beside: whoever has this session sees the projects of every organisation. */
export async function leakBetween(db: Db): Promise<void> {
  await sessionsIn(db).updateOne({ _id: ACME_SESSION }, { $set: { seesAll: true } })
}

export async function mendLeak(db: Db): Promise<void> {
  await sessionsIn(db).updateOne({ _id: ACME_SESSION }, { $unset: { seesAll: true } })
}

/** How the settings prove it. `at`: where the services answer so. */
export function shopChecks(at: '/api' | '/cgi-bin/api' = '/api') {
  const asked = { service: 'backend', headers: { Authorization: 'Bearer ${ACME_SESSION}' } }
  const projects = `${at}/projects`
  return {
    env: { ACME_SESSION },
    /** For `procedures.database`. */
    proveBy: ['projects-are-kept', 'organisations-are-apart'],
    settings: {
      isolation: [
        {
          name: 'acme does not see globex',
          ...asked,
          // The first is of the session's organisation, the second of another one.
          sees: { path: `${projects}/projects-00688`, text: 'projects-00688' },
          mustNotSee: { path: `${projects}/projects-00700`, text: 'projects-00700' },
        },
      ],
      verification: {
        items: {},
        more: [
          {
            id: 'projects-are-kept',
            title: 'Projects are kept',
            check: {
              kind: 'chain',
              steps: [
                {
                  ...asked,
                  path: projects,
                  method: 'POST',
                  body: { json: { text: 'a check' } },
                  save: { id: '$.id' },
                },
                {
                  ...asked,
                  path: `${projects}/\${saved.id}`,
                  expect: { json: [{ path: '$.text', equals: 'a check' }] },
                },
              ],
              cleanUp: { ...asked, path: `${projects}/\${saved.id}/remove`, method: 'POST' },
            },
          },
          {
            id: 'organisations-are-apart',
            title: 'Nobody sees another organisation',
            check: { kind: 'isolation' },
          },
        ],
      },
    },
  }
}
