/*
 * In pixels of the picture. On a phone it is shown about 380 wide, a third of its size: letters are made
 * so large that they can be read there.
 */
export const WIDTH = 1200
export const LEFT = 142
export const RIGHT = 1000
export const EDGE = 24

export const SIZE = { headline: 46, title: 38, value: 42, axis: 30, note: 28, sign: 28 } as const

/** Okabe and Ito: told apart by colour-blind people too. Nothing is said by colour alone. */
export const COLOURS = {
  ink: '#1a1a1a',
  soft: '#4a4a4a',
  grid: '#d4d4d4',
  paper: '#ffffff',
  incident: '#fdf3e7',
  hatch: '#9a9a9a',
  errors: '#d55e00',
  latency: '#0072b2',
  users: '#007a5a',
  bad: '#d55e00',
  good: '#007a5a',
  deed: '#1a1a1a',
} as const

/** Versions, in the order in which they are met. */
export const BANDS = ['#e4e4e4', '#b9d9ee', '#f5dfae', '#d9e8cf'] as const
