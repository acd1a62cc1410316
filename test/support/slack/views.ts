import { viewProblem } from './block-rules.ts'
import { withIds } from './chat.ts'
import type { Workspace } from './fixture.ts'
import { dict, str, uniqueId } from './json.ts'
import type { Dict } from './json.ts'
import type { Triggers } from './triggers.ts'
import type { Upstream } from './upstream.ts'

/** `view` is the whole object, as answered to the bot. */
type OpenView = { user: string; view: Dict; upstreamId?: string }

export type Views = {
  open: (args: Dict) => Promise<Dict>
  push: (args: Dict) => Promise<Dict>
  update: (args: Dict) => Promise<Dict>
  publish: (args: Dict) => Promise<Dict>
  /** The modal on top of this person's screen. local-slack has one stack for all; Slack one each. */
  top: (user: string) => OpenView | undefined
  home: (user: string) => Dict | undefined
  /** A view_submission that came from local-slack's page: which of ours is it? */
  fromUpstream: (user: string, upstreamId: string) => OpenView | undefined
  close: (user: string, all?: boolean) => void
  /** Carries out the `response_action` of a submission's ack. Answers the field errors, if any. */
  respond: (user: string, response: Dict) => Dict | undefined
}

const MAX_STACK = 3

const failed = (error: string, messages: string[] = []): Dict => ({
  ok: false,
  error,
  ...(messages.length > 0 ? { response_metadata: { messages } } : {}),
})

const hash = () => `${Math.floor(Date.now() / 1000)}.${uniqueId('').toLowerCase()}`

export const createViews = (
  workspace: Workspace,
  upstream: Upstream,
  triggers: Triggers,
): Views => {
  const stacks = new Map<string, OpenView[]>()
  const homes = new Map<string, OpenView>()
  const stackOf = (user: string) => stacks.get(user) ?? []

  const instance = (view: Dict, identity: Dict): Dict => ({
    ...view,
    blocks: withIds(view['blocks']),
    private_metadata: str(view['private_metadata']),
    callback_id: str(view['callback_id']),
    team_id: workspace.teamId,
    app_id: workspace.app.appId,
    app_installed_team_id: workspace.teamId,
    bot_id: `B${workspace.app.botUserId.slice(1)}`,
    state: { values: {} },
    hash: hash(),
    ...identity,
  })

  const create = (user: string, view: Dict, id = uniqueId('V')): OpenView => {
    const below = stackOf(user)
    return {
      user,
      view: instance(view, {
        id,
        root_view_id: str(below[0]?.view['id']) || id,
        previous_view_id: str(below.at(-1)?.view['id']) || null,
      }),
    }
  }

  const show = async (args: Dict, method: 'views.open' | 'views.push'): Promise<Dict> => {
    const problem = viewProblem(dict(args['view']))
    if (problem) return failed(problem.error, problem.messages)
    const trigger = triggers.exchange(str(args['trigger_id']))
    if (typeof trigger === 'string') return failed(trigger)
    const { user } = trigger
    if (method === 'views.open') stacks.set(user, [])
    else if (stackOf(user).length >= MAX_STACK) return failed('push_limit_reached')
    const opened = create(user, dict(args['view']))
    if (trigger.fromUpstream) {
      // Born on local-slack's page: it must appear there too.
      const shown = await upstream.api(method, { trigger_id: trigger.id, view: opened.view })
      opened.upstreamId = str(dict(shown['view'])['id'])
    }
    stacks.set(user, [...stackOf(user), opened])
    return { ok: true, view: opened.view }
  }

  const replace = (target: OpenView, view: Dict) => {
    const { id, root_view_id, previous_view_id } = target.view
    target.view = instance(view, { id, root_view_id, previous_view_id })
  }

  return {
    open: (args) => show(args, 'views.open'),
    push: (args) => show(args, 'views.push'),
    update: async (args) => {
      const wanted = str(args['view_id'])
      const external = str(args['external_id'])
      const target = [...stacks.values()]
        .flat()
        .find(({ view }) =>
          wanted ? view['id'] === wanted : external !== '' && view['external_id'] === external,
        )
      if (!target) return failed('not_found')
      const problem = viewProblem(dict(args['view']))
      if (problem) return failed(problem.error, problem.messages)
      if (args['hash'] !== undefined && args['hash'] !== target.view['hash']) {
        return failed('hash_conflict')
      }
      replace(target, dict(args['view']))
      if (target.upstreamId) {
        // local-slack renames a view when it changes: follow it.
        const shown = await upstream.api('views.update', {
          view_id: target.upstreamId,
          view: target.view,
        })
        target.upstreamId = str(dict(shown['view'])['id'])
      }
      return { ok: true, view: target.view }
    },
    publish: async (args) => {
      const user = str(args['user_id'])
      if (!workspace.users.some((known) => known.id === user)) return failed('user_not_found')
      const problem = viewProblem(dict(args['view']))
      if (problem) return failed(problem.error, problem.messages)
      const known = homes.get(user)
      if (known && args['hash'] !== undefined && args['hash'] !== known.view['hash']) {
        return failed('hash_conflict')
      }
      const id = str(known?.view['id']) || uniqueId('V')
      const home = instance(dict(args['view']), { id, root_view_id: id, previous_view_id: null })
      homes.set(user, { user, view: home })
      await upstream.api('views.publish', { user_id: user, view: home })
      return { ok: true, view: home }
    },
    top: (user) => stackOf(user).at(-1),
    home: (user) => homes.get(user)?.view,
    fromUpstream: (user, upstreamId) => {
      const all = [...stacks.values()].flat()
      // A view that came by `response_action` has a new id there that nobody told us.
      return all.find((open) => open.upstreamId === upstreamId) ?? stackOf(user).at(-1)
    },
    close: (user, all = false) => void stacks.set(user, all ? [] : stackOf(user).slice(0, -1)),
    respond: (user, response) => {
      const stack = stackOf(user)
      const top = stack.at(-1)
      switch (response['response_action']) {
        case 'errors':
          return dict(response['errors'])
        case 'update':
          if (top) replace(top, dict(response['view']))
          return undefined
        case 'push':
          stacks.set(user, [...stack, create(user, dict(response['view']))])
          return undefined
        case 'clear':
          stacks.set(user, [])
          return undefined
        default:
          stacks.set(user, stack.slice(0, -1))
          return undefined
      }
    },
  }
}
