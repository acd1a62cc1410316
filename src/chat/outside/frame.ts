import { markup, type Markup } from '../report/markup.ts'
import { PAGE_STYLE } from '../report/page-style.ts'

export const STYLE_PATH = '/style.css'

/** As wide as a thumb, on a phone at night. */
export const OUTSIDE_STYLE = `${PAGE_STYLE}
main { max-width: 44rem; }
hr { border: 0; border-top: 1px solid var(--line); }
a { color: var(--accent); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--band); padding: .6rem .75rem; border-radius: .4rem; }
code { background: var(--band); padding: .1em .3em; border-radius: .25em; overflow-wrap: anywhere; }
code.secret { display: block; padding: .75rem; font-size: 1.15rem; letter-spacing: .08em; user-select: all; }
.context { color: var(--soft); font-size: .9rem; }
.notice { border-left: 4px solid var(--accent); background: var(--band); padding: .5rem 1rem; margin: 1rem 0; }
.notice.bad { border-color: var(--open); background: var(--open-ground); color: var(--open); }
form { margin: 1rem 0; }
form.gate { border: 2px solid var(--accent); border-radius: .5rem; padding: .75rem 1rem 1rem; }
label { display: block; margin: .6rem 0 .25rem; font-weight: 600; }
input[type=text] { width: 100%; max-width: 20rem; font: inherit; font-size: 1.25rem; padding: .6rem .75rem; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .4rem; }
input.code { letter-spacing: .25em; font-variant-numeric: tabular-nums; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; margin-top: .75rem; border: 1px solid var(--accent); border-radius: .4rem; background: var(--accent); color: var(--ground); cursor: pointer; }
button.quiet { background: none; color: var(--accent); }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; }
nav form { margin: 0 0 0 auto; }
nav button { margin: 0; min-height: 2.25rem; padding: .25rem .75rem; }
.plan h2 ~ h2 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; }
.plan { border-top: 3px solid var(--line); margin-top: 2rem; }
.digest { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; color: var(--soft); }
`

export type Notice = { readonly good: 'yes' | 'no'; readonly says: Markup }

export type Frame = {
  readonly title: string
  readonly environment: string
  readonly notice?: Notice | null
  /** Whoever is signed in, and the token that their forms carry. */
  readonly signedIn?: { readonly name: string; readonly token: string } | null
  readonly body: readonly Markup[]
}

/** One page: no script, nothing from elsewhere, one stylesheet. */
export function framed({ title, environment, notice, signedIn, body }: Frame): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${title}: Backout, ${environment}</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<main>
<header>
<p>Backout without Slack: ${environment}</p>
<h1>${title}</h1>
${signedIn ? navigation(signedIn) : markup``}</header>
${notice ? noticed(notice) : markup``}${body}</main>
</body>
</html>
`.markup
}

function navigation({ name, token }: NonNullable<Frame['signedIn']>): Markup {
  return markup`<nav><a href="/">All open incidents</a><span>Signed in as ${name}</span>
<form method="post" action="/sign-out">${hidden({ token })}<button class="quiet" type="submit">Sign out</button></form></nav>
`
}

function noticed({ good, says }: Notice): Markup {
  const looks = good === 'yes' ? markup`notice` : markup`notice bad`
  return markup`<div class="${looks}" role="status">${says}</div>\n`
}

/** What a form sends beside what people type. */
export function hidden(fields: Readonly<Record<string, string | number>>): readonly Markup[] {
  return Object.entries(fields).map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`,
  )
}

export const CODE_FIELD = (id: string): Markup =>
  markup`<label for="${id}">Code of your authenticator, six digits</label>
<input class="code" type="text" id="${id}" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" maxlength="7" required>
`
