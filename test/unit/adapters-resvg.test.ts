import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { resvgDrawing } from '../../src/adapters/resvg/drawing.ts'
import { chartSvg } from '../../src/chat/chart/chart-svg.ts'
import { textWidth } from '../../src/chat/chart/text-width.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { drawnChart } from '../support/drawn-chart.ts'
import { inkIn, pixelsOf } from '../support/pixels.ts'

const folder = mkdtempSync(join(tmpdir(), 'backout-drawing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const never = () => new AbortController().signal
const SMALL = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>'

/** In the place of the program that draws. */
function program(name: string, code: string): string {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, code)
  return file
}

function lettered(text: string, weight: number): string {
  const style = `font-family="Inter" font-size="40" font-weight="${weight}"`
  const letters = `<text x="10" y="60" ${style}>${text}</text>`
  const paper = '<rect width="1000" height="100" fill="#fff"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="100">${paper}${letters}</svg>`
}

describe('words in a picture', () => {
  test('are there, in both weights, and the bold ones are bolder', async () => {
    const drawing = resvgDrawing()
    const whole = { x: 0, y: 0, width: 1000, height: 100 }
    const inkOf = async (text: string, weight: number) =>
      inkIn(pixelsOf(await drawing.png(lettered(text, weight), never())), whole)
    expect(await inkOf('', 400)).toBe(0)
    const regular = await inkOf('Errors → 0.3 % Größe', 400)
    const bold = await inkOf('Errors → 0.3 % Größe', 700)
    expect(regular).toBeGreaterThan(1_000)
    expect(bold).toBeGreaterThan(regular * 1.2)
  })

  test('take no more room than we count with, and nearly all of it', async () => {
    const drawing = resvgDrawing()
    for (const text of ['Errors (5xx)', 'v2.0.0-rc.1+build.7', 'MWmw@%jil1.,', 'Latency (p95)']) {
      // oxlint-disable-next-line no-await-in-loop -- they are drawn one after the other anyway
      const pixels = pixelsOf(await drawing.png(lettered(text, 700), never()))
      const columns = Array.from({ length: 1000 }, (_, x) => x)
      const last =
        columns.findLast((x) => inkIn(pixels, { x, y: 0, width: 1, height: 100 }) > 0) ?? 0
      const counted = textWidth(text, 40)
      expect(last - 10).toBeLessThanOrEqual(counted + 1)
      expect(last - 10).toBeGreaterThan(counted * 0.85)
    }
  })

  test('of an incident stand where they belong: headline, title, number of now, time, moments', async () => {
    const svg = chartSvg(drawnChart())
    const pixels = pixelsOf(await resvgDrawing().png(svg, never()))
    const silent = svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, '')
    const wordless = pixelsOf(await resvgDrawing().png(silent, never()))
    expect([pixels.width, pixels.height]).toEqual([wordless.width, wordless.height])
    expect(pixels.width).toBe(1200)
    const places = [
      ...svg.matchAll(/<text[^>]* font-size="(\d+)"[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</g),
    ]
    expect(places.length).toBeGreaterThan(25)
    const unread = places.filter(([whole, size, x, y]) => {
      const anchor = /text-anchor="(\w+)"/.exec(whole)?.[1]
      const left = Math.round(Number(x)) - (anchor === 'end' ? 40 : anchor === 'middle' ? 12 : 0)
      const box = {
        x: Math.max(0, left),
        y: Math.round(Number(y)) - Number(size),
        width: 40,
        height: Math.round(Number(size) * 1.2),
      }
      const changed = Array.from({ length: box.width * box.height }, (_, index) => index).some(
        (index) => {
          const [px, py] = [box.x + (index % box.width), box.y + Math.floor(index / box.width)]
          return Math.abs(pixels.dark(px, py) - wordless.dark(px, py)) > 60
        },
      )
      return !changed
    })
    expect(unread.map(([, , , , words]) => words)).toEqual([])
  })
})

describe('a process that draws', () => {
  test('whatever it does, the next one draws', async () => {
    const file = program(
      'sometimes',
      `
      let svg = ''
      for await (const part of process.stdin) svg += part
      if (svg === 'hang') setInterval(() => {}, 1000)
      else if (svg === 'spin') for (;;);
      else if (svg === 'die') process.kill(process.pid, 'SIGSEGV')
      else if (svg === 'exit') process.exit(7)
      else if (svg === 'nothing') process.exit(0)
      else if (svg === 'no picture') process.stdout.write('<html>')
      else if (svg === 'flood') {
        const more = () => process.stdout.write('x'.repeat(65536), more)
        more()
      }
      else process.stdout.write(Buffer.from('89504e470d0a1a0a49454e44ae426082', 'hex'))
    `,
    )
    const drawing = resvgDrawing({ program: file, deadlineMs: 3_000 })
    const wrong = ['hang', 'spin', 'die', 'exit', 'nothing', 'no picture', 'flood']
    const answers = await Promise.all(
      wrong.flatMap((svg) => [
        faultOf(drawing.png(svg, never())).then(({ kind, detail }) => `${svg}: ${kind} ${detail}`),
        drawing.png('well', never()).then((png) => png.length),
      ]),
    )
    expect(answers).toEqual([
      'hang: retryable it cannot be drawn: it took too long',
      16,
      'spin: retryable it cannot be drawn: it took too long',
      16,
      'die: retryable it cannot be drawn: the process that draws it ended: SIGSEGV',
      16,
      'exit: retryable it cannot be drawn: the process that draws it ended: exit code 7',
      16,
      'nothing: retryable it cannot be drawn: what was drawn is no picture',
      16,
      'no picture: retryable it cannot be drawn: what was drawn is no picture',
      16,
      expect.stringMatching(/^flood: retryable it cannot be drawn: /),
      16,
    ])
  })

  test('ends with the signal, and leaves no process behind', async () => {
    const file = program(
      'tells-its-number',
      `
      process.stderr.write(String(process.pid))
      import('node:fs').then(({ writeFileSync }) => writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid)))
      setInterval(() => {}, 1000)
    `,
    )
    const stopping = new AbortController()
    const drawn = faultOf(resvgDrawing({ program: file }).png(SMALL, stopping.signal))
    const { readFileSync, existsSync } = await import('node:fs')
    await expect.poll(() => existsSync(join(folder, 'pid')), { timeout: 10_000 }).toBe(true)
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    stopping.abort()
    expect((await drawn).detail).toBe('it cannot be drawn: it was stopped')
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })

  test('that lacks the package says so, and is not tried again', async () => {
    const file = program('lacking', "import '@resvg/not-there'")
    expect(await faultOf(resvgDrawing({ program: file }).png(SMALL, never()))).toMatchObject({
      kind: 'terminal',
      detail: expect.stringContaining('not there for this machine'),
    })
  })

  test('knows nothing of ours: neither environment nor more than the drawing', async () => {
    const file = program(
      'curious',
      `
      import { writeFileSync } from 'node:fs'
      writeFileSync(${JSON.stringify(join(folder, 'seen'))}, JSON.stringify(process.env))
      process.stdout.write(Buffer.from('89504e470d0a1a0a49454e44ae426082', 'hex'))
    `,
    )
    process.env['SLACK_BOT_TOKEN'] = 'xoxb-secret'
    try {
      await resvgDrawing({ program: file }).png(SMALL, never())
    } finally {
      delete process.env['SLACK_BOT_TOKEN']
    }
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(join(folder, 'seen'), 'utf8')).not.toContain('secret')
  })

  test('is not given a drawing that is too large', async () => {
    const fault = await faultOf(resvgDrawing().png('x'.repeat(1_000_001), never()))
    expect(fault).toMatchObject({ kind: 'terminal' })
  })

  test('draws no picture from a file or a host, whatever the drawing asks for', async () => {
    const paper = '<rect width="100" height="100" fill="#fff"/>'
    const image = '<image width="100" height="100" href="file:///etc/hostname"/>'
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${paper}${image}</svg>`
    const pixels = pixelsOf(await resvgDrawing().png(svg, never()))
    expect(inkIn(pixels, { x: 0, y: 0, width: 100, height: 100 })).toBe(0)
  })
})
