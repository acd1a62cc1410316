/** What the simulated services show to somebody of one organisation. */
export const ISOLATION = [
  {
    name: 'acme does not see globex',
    service: 'backend',
    headers: { Authorization: 'Bearer simulated-session' },
    sees: { path: '/api/projects/acme-1', text: 'Acme roadmap' },
    mustNotSee: { path: '/api/projects/globex-1', text: 'Globex roadmap' },
  },
]
