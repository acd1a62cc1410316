import { dirname, relative, resolve } from 'node:path'
import type { BuildOptions, Plugin } from 'rolldown'

/** Files that lie beside a source, a font or the settings of a drill, are found from it as before. */
const placesOfSources = (out: string): Plugin => ({
  name: 'places-of-sources',
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: 'import.meta.' },
    handler: (code, id) =>
      code
        .replaceAll(
          'import.meta.dirname',
          `(import.meta.dirname + ${JSON.stringify(`/${relative(out, dirname(id))}`)})`,
        )
        .replaceAll(
          'import.meta.url',
          `new URL(${JSON.stringify(relative(out, id))}, import.meta.url).href`,
        ),
  },
})

/**
 * Of the Engine's client what Backout has no call for: building images, and SSH, which the settings refuse. They bring
 * gRPC and an SSH client, 2 MB of program, and look for files beside themselves.
 */
const withoutUnused: Plugin = {
  name: 'without-unused',
  load: {
    filter: { id: /\/(?:dockerode\/lib\/(?:session|buildkit)|docker-modem\/lib\/ssh)\.js$/ },
    handler: () => 'module.exports = {}',
  },
}

/**
 * What `npm start` and the image run: the same program with its packages, in few files. A process of
 * it takes less memory and starts sooner, because a package's thousands of files are one, and what
 * nobody imports is left out. Names stay, so that a stack trace can be read.
 */
export const programOf = (input: string, out: string): BuildOptions => ({
  input,
  platform: 'node',
  // Nobody imports the program.
  preserveEntrySignatures: false,
  // Programs that were compiled, what only the demo needs, and what is asked for by its place.
  external: [/^@resvg\//, /^local-slack/, /^@prometheus-io\//, /\.node$/],
  plugins: [placesOfSources(out), withoutUnused],
  // What an earlier build left stays: a process that still runs may load it yet.
  output: {
    dir: out,
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
    // Their known defects are told from others by the file that a stack names (`compose/process.ts`).
    codeSplitting: {
      groups: [
        {
          name: 'slack-receivers',
          test: /@slack\/(?:socket-mode|bolt\/dist\/receivers\/HTTPReceiver)/,
          includeDependenciesRecursively: false,
        },
      ],
    },
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  },
})

export default programOf('src/main.ts', resolve(import.meta.dirname, 'dist'))
