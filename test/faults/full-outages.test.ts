import { triedAway } from './full-away.ts'

triedAway('kubernetes', ['the API server', 'MongoDB', 'Redis', 'Slack', 'each service'])
