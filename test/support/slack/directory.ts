import { OTHER_TEAM, userOf } from './fixture.ts'
import type { SlackUser, Workspace } from './fixture.ts'

/** What an administrator of the workspace does in the middle of a test. Slack tells it from then on. */
export type Directory = {
  account: (id: string) => AccountChanges
  group: (id: string) => GroupChanges
}

type Standing = 'member' | 'guest' | 'bot' | 'external' | 'deactivated'

type AccountChanges = {
  /** It is this from now on, and nothing that it was before. */
  becomes: (standing: Standing) => void
  /** Slack tells no address for it. */
  losesEmail: () => void
  /** Confirmed, unless it says otherwise. */
  hasEmail: (email: string, options?: { confirmed: boolean }) => void
  /** A second account of one person: the same mailbox, written differently. */
  sharesMailboxOf: (other: string) => void
}

type GroupChanges = {
  /** Exactly these. A group that was not there is made. */
  has: (users: string[]) => void
  gains: (user: string) => void
  loses: (user: string) => void
  disable: () => void
  enable: () => void
}

const STANDINGS = {
  member: {},
  guest: { is_restricted: true },
  bot: { is_bot: true },
  external: { is_stranger: true, team_id: OTHER_TEAM },
  deactivated: { deleted: true },
} satisfies Record<Standing, Partial<SlackUser>>

export const directory = (workspace: Workspace): Directory => {
  const plainMember = {
    team_id: workspace.teamId,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
  }

  const userAt = (id: string): SlackUser => {
    const user = userOf(workspace, id)
    if (!user) throw new Error(`there is no account ${id}`)
    return user
  }

  const groupAt = (id: string) => {
    const group = workspace.groups.find((candidate) => candidate.id === id)
    if (!group) throw new Error(`there is no user group ${id}`)
    return group
  }

  const change = (id: string, changes: { users?: string[]; disabled?: boolean }): void => {
    Object.assign(groupAt(id), changes, { date_update: Math.floor(Date.now() / 1000) })
  }

  const hasEmail = (id: string, email: string, confirmed: boolean): void => {
    Object.assign(userAt(id), { email, is_email_confirmed: confirmed })
  }

  return {
    account: (id) => ({
      becomes: (standing) => void Object.assign(userAt(id), plainMember, STANDINGS[standing]),
      losesEmail: () => void delete userAt(id).email,
      hasEmail: (email, { confirmed } = { confirmed: true }) => hasEmail(id, email, confirmed),
      sharesMailboxOf: (other) => {
        const { email } = userAt(other)
        if (!email) throw new Error(`${other} has no e-mail address to share`)
        const [, first = '', rest = ''] = /^(.)(.*)$/.exec(email) ?? []
        hasEmail(id, `${first.toUpperCase()}${rest}`, true)
      },
    }),
    group: (id) => ({
      has: (users) => {
        const known = workspace.groups.some((group) => group.id === id)
        const made = { id, handle: id.toLowerCase(), name: id, users: [], date_update: 0 }
        if (!known) workspace.groups.push(made)
        change(id, { users })
      },
      gains: (user) => change(id, { users: [...new Set([...groupAt(id).users, user])] }),
      loses: (user) => change(id, { users: groupAt(id).users.filter((one) => one !== user) }),
      disable: () => change(id, { disabled: true }),
      enable: () => change(id, { disabled: false }),
    }),
  }
}
