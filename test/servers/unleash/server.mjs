#!/usr/bin/env node
// Unleash for tests. It is copied beside the package that it starts: `npm run servers`.
import { start } from 'unleash-server'

const { DATABASE_URL, PORT, ADMIN_TOKEN, CLIENT_TOKEN, ADMIN_PASSWORD } = process.env

await start({
  databaseUrl: DATABASE_URL,
  db: { ssl: false },
  server: { host: '127.0.0.1', port: Number(PORT) },
  versionCheck: { enable: false },
  telemetry: false,
  logLevel: 'warn',
  authentication: {
    // With `none` every token is taken.
    type: 'open-source',
    createAdminUser: true,
    initialAdminUser: { username: 'admin', password: ADMIN_PASSWORD },
    initApiTokens: [
      {
        tokenName: 'backout',
        type: 'admin',
        environment: '*',
        projects: ['*'],
        secret: ADMIN_TOKEN,
      },
      {
        tokenName: 'services',
        type: 'client',
        environment: 'development',
        projects: ['default'],
        secret: CLIENT_TOKEN,
      },
    ],
  },
})
