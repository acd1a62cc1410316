import { markup, type Markup } from '../report/markup.ts'
import { CODE_FIELD, framed, hidden, type Frame } from './frame.ts'

type Shown = Pick<Frame, 'environment' | 'notice'> & { readonly token: string }

export function signInPage({ token, ...shown }: Shown): string {
  return framed({
    ...shown,
    title: 'Sign in',
    body: [
      markup`<p>For when Slack is down. While Slack works, go on there: it shows more.</p>
<form method="post" action="/sign-in">${hidden({ token })}
<label for="name">Your name here, as your authenticator shows it</label>
<input type="text" id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="40" required>
${CODE_FIELD('code')}<button type="submit">Sign in</button>
</form>
<p class="context">A code counts once. To sign a plan you need the next one.</p>
`,
    ],
  })
}

/** Reading a link uses nothing up: Slack and browsers may look at it before its person does. */
export function enrolPage({ link, token, ...shown }: Shown & { readonly link: string }): string {
  return framed({
    ...shown,
    title: 'Set up your second factor',
    body: [
      markup`<p>Have your authenticator app at hand. The secret is shown once, and then never again.</p>
<form method="post" action="/enrol">${hidden({ token, link })}
<button type="submit">Show my secret</button>
</form>
`,
    ],
  })
}

export function secretPage({
  token,
  secret,
  ...shown
}: Shown & {
  /** `null`: it was shown, and is not shown again. */
  readonly secret: { readonly text: string; readonly uri: string; readonly name: string } | null
}): string {
  return framed({
    ...shown,
    title: 'Set up your second factor',
    body: [
      secret ? secretParts(secret) : markup``,
      markup`<form method="post" action="/enrol/prove">${hidden({ token })}
<p>To show that it arrived, type the code that your authenticator shows now.</p>
${CODE_FIELD('code')}<button type="submit">Prove it</button>
</form>
`,
    ],
  })
}

function secretParts({
  text,
  uri,
  name,
}: {
  readonly text: string
  readonly uri: string
  readonly name: string
}): Markup {
  return markup`<p>Put this into your authenticator: on a phone <a href="${uri}">open it there</a>, else type it as a time-based key.</p>
<code class="secret">${text.replace(/.{4}(?=.)/g, '$& ')}</code>
<p>Address for an authenticator: <code>${uri}</code></p>
<p>Your name here is <strong>${name}</strong>. Your authenticator shows it with the code.</p>
`
}

export function provedPage(shown: Pick<Frame, 'environment'>): string {
  return framed({
    ...shown,
    title: 'It is set up',
    body: [
      markup`<p>Another approver was asked in Slack to confirm that it was you. It counts a day after that.</p>
<p>You can close this page.</p>
`,
    ],
  })
}

export function messagePage(shown: Omit<Frame, 'body'> & { readonly says: string }): string {
  const { says, ...frame } = shown
  return framed({ ...frame, body: [markup`<p>${says}</p>\n<p><a href="/">Go on</a></p>\n`] })
}
