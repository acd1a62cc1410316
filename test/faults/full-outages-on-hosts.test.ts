import { triedAway } from './full-away.ts'

// MongoDB and Redis are asked by the same steps as on the other platform.
triedAway('docker', ['every host', 'Slack', 'each service'])
