import { z } from 'zod'

const ContainerName = z
  .string()
  .regex(/^[a-zA-Z0-9][\w.-]{0,200}$/, 'must be the name of a container, like shop-backend-1')

/** Which containers are a service's: those of a compose service, or one by its name. */
const Placed = z.union([
  z.strictObject({ project: z.string().min(1), service: z.string().min(1) }),
  z.strictObject({ container: ContainerName }),
])

const HostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a lower-case name like web-1')

const LOOPBACK = /^tcp:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Where a host answers: a socket, or TCP with certificates of both sides. */
const Host = z
  .strictObject({
    address: z
      .string()
      .regex(
        /^(unix:\/\/\/.+|tcp:\/\/[^/@\s]+:\d+)$/,
        'must be like unix:///var/run/docker.sock or tcp://web-1.internal:2376',
      ),
    /** A folder with ca.pem, cert.pem and key.pem, as DOCKER_CERT_PATH names one. */
    certificates: z.string().min(1).optional(),
  })
  .refine(
    ({ address, certificates }) =>
      certificates !== undefined || !address.startsWith('tcp:') || LOOPBACK.test(address),
    {
      path: ['certificates'],
      message:
        'is missing: whoever reaches an Engine over TCP without certificates is root on that host',
    },
  )

const Seconds = z.number().min(1).max(3_600)

/** `procedures.docker` in backout.yaml. */
export const DockerSettings = z.strictObject({
  /** Where the Engines answer. */
  hosts: z
    .record(HostName, Host)
    .refine((hosts) => Object.keys(hosts).length > 0, 'needs at least one host'),
  /** Which containers run which service, on every host where there are any. */
  services: z
    .record(z.string(), Placed)
    .refine((entries) => Object.keys(entries).length > 0, 'needs at least one service'),
  /** Until the health check of a new container has to say healthy. */
  readySeconds: Seconds.default(120),
  /** How long one without a health check has to run without a restart. */
  settleSeconds: Seconds.default(10),
  /** Versions that came within so many minutes of each other are one release. */
  releaseWindowMinutes: z
    .number()
    .min(1)
    .max(24 * 60)
    .default(30),
})
