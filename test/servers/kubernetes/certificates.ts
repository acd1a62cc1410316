import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireBinary } from '../find.ts'
import { run } from '../run.ts'

export type Certificates = {
  readonly caFile: string
  readonly server: { readonly certFile: string; readonly keyFile: string }
  /** In the group system:masters: may do everything, whatever RBAC says. */
  readonly admin: { readonly certFile: string; readonly keyFile: string }
  readonly serviceAccountKeyFile: string
}

// A file of our own, because what the system's openssl.cnf adds differs between systems.
const opensslConfig = `
[req]
distinguished_name = subject
[subject]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,DNS:localhost
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
`

const curve = 'prime256v1'

export const makeCertificates = async (folder: string): Promise<Certificates> => {
  const openssl = requireBinary('kubernetes', 'openssl')
  const config = join(folder, 'openssl.cnf')
  await writeFile(config, opensslConfig)
  const file = (name: string): string => join(folder, name)

  const issue = async (kind: string, subject: string, issuer: string[]): Promise<void> => {
    const outputs = ['-keyout', file(`${kind}.key`), '-out', file(`${kind}.crt`)]
    const what = ['-config', config, '-extensions', kind, '-subj', subject, '-days', '2']
    const key = ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes']
    await run(openssl, ['req', '-x509', ...what, ...key, ...outputs, ...issuer])
  }
  await issue('ca', '/CN=backout-test-ca', [])
  const byOurCa = ['-CA', file('ca.crt'), '-CAkey', file('ca.key')]
  const serviceAccountKeyFile = file('service-account.key')
  await Promise.all([
    issue('server', '/CN=backout-test-server', byOurCa),
    issue('client', '/O=system:masters/CN=backout-test-admin', byOurCa),
    // Not `genpkey`: the API server takes the public half only out of the older format.
    run(openssl, ['ecparam', '-genkey', '-name', curve, '-noout', '-out', serviceAccountKeyFile]),
  ])
  return {
    caFile: file('ca.crt'),
    server: { certFile: file('server.crt'), keyFile: file('server.key') },
    admin: { certFile: file('client.crt'), keyFile: file('client.key') },
    serviceAccountKeyFile,
  }
}
