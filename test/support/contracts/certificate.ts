import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { run } from '../../servers/run.ts'

/** A certificate for 127.0.0.1 that vouches for itself, for the length of one test. */
export async function selfSigned() {
  const folder = await mkdtemp(join(tmpdir(), 'backout-certificate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return selfSignedIn(folder)
}

/** The same, in a folder of somebody else's. */
export async function selfSignedIn(folder: string) {
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const asked =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1'
  await run('openssl', [...asked.split(' '), '-keyout', keyFile, '-out', certFile])
  const [certificate, key] = await Promise.all([
    readFile(certFile, 'utf8'),
    readFile(keyFile, 'utf8'),
  ])
  return { certFile, keyFile, certificate, key }
}
