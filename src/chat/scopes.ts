/**
 * Every right the Slack app asks for, and why. The manifest is held equal to it by a test: a scope
 * without a reason is not asked for.
 */
export const SCOPES: Readonly<Record<string, string>> = {
  commands: 'to be called as /rollback, and from the menu of a message',
  'chat:write':
    'to post and update cards, and to answer one person, in channels it was invited to; to ask whoever can sign, and to tell of a second factor, by direct message',
  'files:write': 'to put pictures and reports into the thread of an incident',
  'app_mentions:read': 'to be called as @Backout inside threads, where slash commands do not work',
  'users:read':
    'to see whether an account is a guest, a bot, external or deactivated, and in which time zone somebody is',
  'users:read.email': 'to see that two accounts belong to one person, who counts once',
  'usergroups:read': 'to see who is in the user groups that may approve',
  'channels:read':
    'to check that it was invited to a public channel, and that no other company is in it',
  'groups:read': 'to check the same of a private channel',
  'channels:history': 'to find its own card again after a crash, in a public channel',
  'groups:history': 'to find its own card again after a crash, in a private channel',
}
