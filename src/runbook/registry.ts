import { clearCacheOnly } from './actions/clear-cache.ts'
import { maintenance } from './actions/maintenance.ts'
import { resume } from './actions/resume.ts'
import { undo } from './actions/undo.ts'
import { docker } from './docker/index.ts'
import { swapContainers } from './docker/steps/swap-containers.ts'
import { removeKept } from './docker/steps/remove-kept.ts'
import { tidyUp } from './docker/tidy-up.ts'
import { kubernetes } from './kubernetes/index.ts'
import { restart } from './kubernetes/restart.ts'
import { scaleDown } from './kubernetes/scale-down.ts'
import { restartWorkload } from './kubernetes/steps/restart-workload.ts'
import { restoreRevisions } from './kubernetes/steps/restore-revisions.ts'
import { scaleWorkload } from './kubernetes/steps/scale-workload.ts'
import { clearCache } from './parts/steps/clear-cache.ts'
import { proveServices } from './parts/steps/prove-services.ts'
import { setMaintenance } from './parts/steps/set-maintenance.ts'
import { suspendOwner } from './parts/steps/suspend-owner.ts'
import { restartService } from './docker/restart.ts'
import { restartContainers } from './docker/steps/restart-containers.ts'
import { stopService } from './docker/scale-down.ts'
import { runContainers } from './docker/steps/run-containers.ts'
import { whereItRuns } from './where-it-runs.ts'
import type { Registry } from './procedure.ts'

/** Every way back, every action and every step there is. A step's id is journaled and never renamed. */
export const REGISTRY: Registry = {
  waysBack: { 'feature-flag': null, kubernetes, docker, database: null, full: null },
  actions: {
    'scale-down': whereItRuns({ kubernetes: scaleDown, docker: stopService }),
    restart: whereItRuns({ kubernetes: restart, docker: restartService }),
    'clear-cache': clearCacheOnly,
    'tidy-up': tidyUp,
    maintenance,
    resume,
    undo,
  },
  steps: [
    restoreRevisions,
    clearCache,
    proveServices,
    scaleWorkload,
    restartWorkload,
    setMaintenance,
    suspendOwner,
    swapContainers,
    runContainers,
    restartContainers,
    removeKept,
  ],
}
