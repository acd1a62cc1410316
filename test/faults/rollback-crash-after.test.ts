import { killedEverywhere } from './crash-story.ts'

killedEverywhere('after')
