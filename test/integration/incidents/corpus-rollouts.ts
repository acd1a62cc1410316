import type { Incident, Ran, Stands } from './incident.ts'

const DAY = 24 * 3_600
const OLD = ['v1.9.0', 3 * DAY] as const
/** Since a quarter of an hour. */
const NEW: Ran = [OLD, ['v2.0.0', 900]]
const DONE = { conditions: [] } satisfies Stands
const STUCK = { desired: 3, ready: 3, updated: 1 } satisfies Stands
const FIRST = /"reasons":\["rollout-unfinished"/

/** What runs in the cluster, of a production that people see do well. */
function rollout(
  name: string,
  right: Incident['right'],
  backend: Stands,
  why: string,
  more: Partial<Incident> = {},
): Incident {
  const ran = { backend: NEW }
  return { name, right, why, pastOf: 'all-well', ran, stands: { backend }, ...more }
}

/** 15. Rollouts that do not come to their end. */
export const rolloutCorpus: readonly Incident[] = [
  rollout('rollout-done', 'do-not', DONE, 'everything runs as it was asked to'),
  rollout(
    'rollout-crashes',
    'person-decides',
    { ...STUCK, waiting: [['CrashLoopBackOff', 'back-off 40s restarting failed container', 6]] },
    'the old pods serve, and the new ones do not stay up',
    {
      says: /"because":"backend: the rollout of v2\.0\.0 has not finished: 1 of 3 \(app: CrashLoop/,
    },
  ),
  rollout(
    'rollout-pulls-no-image',
    'person-decides',
    { ...STUCK, waiting: [['ImagePullBackOff', 'Back-off pulling image: not found']] },
    'the image is not there',
    { says: FIRST },
  ),
  rollout(
    'rollout-pending',
    'person-decides',
    { ...STUCK, waiting: [['Unschedulable', '0/3 nodes are available: 3 Insufficient cpu.']] },
    'there is no room for it',
    { says: /Insufficient cpu/ },
  ),
  rollout(
    'rollout-over-its-quota',
    'person-decides',
    {
      ...STUCK,
      updated: 0,
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'pods "backend-x" is forbidden: exceeded quota: compute',
        },
      ],
    },
    'no new pod may be made',
    { says: /exceeded quota/ },
  ),
  rollout(
    'rollout-paused',
    'person-decides',
    { ...STUCK, paused: true },
    'somebody has stopped half-way: somebody goes on or back',
    { says: /has not finished: 1 of 3 \(paused\)/ },
  ),
  rollout('paused-and-nothing-new', 'do-not', { ...DONE, paused: true }, 'nothing waits for it'),
  rollout(
    'rollout-over-its-deadline',
    'person-decides',
    {
      ...STUCK,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'ReplicaSet "backend2" has timed out progressing.',
        },
      ],
    },
    'Kubernetes itself has given it up',
    { says: /ProgressDeadlineExceeded/ },
  ),
  rollout(
    'rollout-done-and-crashing',
    'person-decides',
    { ...DONE, desired: 3, ready: 2, updated: 3, waiting: [['CrashLoopBackOff', 'back-off', 4]] },
    'it came a quarter of an hour ago, and one of three does not stay up',
    { says: FIRST },
  ),
  rollout(
    'one-pod-of-three-for-days',
    'do-not',
    { desired: 3, ready: 2, updated: 3, waiting: [['CrashLoopBackOff', 'back-off', 4]] },
    'two of three serve what ran for days: nothing to take back',
    { ran: { backend: [OLD] } },
  ),
  rollout(
    'half-of-the-pods-for-days',
    'person-decides',
    { desired: 4, ready: 2, updated: 4 },
    'half of it is not there',
    { ran: { backend: [OLD] }, says: /only 2 of 4 pods/ },
  ),
  rollout(
    'rollout-of-one-of-two',
    'person-decides',
    DONE,
    'the frontend alone is stuck, and it is named',
    {
      ran: {
        backend: [OLD],
        frontend: [
          ['v3.0.0', 3 * DAY],
          ['v3.1.0', 900],
        ],
      },
      stands: {
        frontend: { ...STUCK, waiting: [['CrashLoopBackOff', 'back-off', 6]] },
      },
      says: /"because":"frontend: the rollout of v3\.1\.0 has not finished/,
      never: /"because":"backend: the rollout/,
    },
  ),
  rollout(
    'rollout-crashes-while-all-fails',
    'roll-back',
    { ...STUCK, waiting: [['CrashLoopBackOff', 'back-off', 6]] },
    'two of three requests fail: that decides, and the rollout stands beside it',
    { pastOf: 'errors-62', says: /"reasons":\["errors-critical","rollout-unfinished"/ },
  ),
  rollout(
    'rollout-restarted-and-stuck',
    'person-decides',
    { ...STUCK, waiting: [['CreateContainerConfigError', 'secret "x" not found']] },
    'the same version, with a secret that is gone',
    { ran: { backend: [OLD, ['v1.9.0', 900, 'restarted']] }, says: FIRST },
  ),
]
