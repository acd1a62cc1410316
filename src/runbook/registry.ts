import { clearCacheOnly } from './actions/clear-cache.ts'
import { maintenance } from './actions/maintenance.ts'
import { resume } from './actions/resume.ts'
import { undoUnless } from './actions/undo.ts'
import { backUp } from './database/backup.ts'
import { databaseSwitch } from './database/index.ts'
import { restoring } from './database/restore-beside.ts'
import { salvaging } from './database/salvage.ts'
import { keptData } from './database/tidy-up.ts'
import { backUpData } from './database/steps/back-up-data.ts'
import { copyBeside } from './database/steps/copy-beside.ts'
import { compareData } from './database/steps/compare-data.ts'
import { dropKeptData } from './database/steps/drop-kept-data.ts'
import { restoreBeside } from './database/steps/restore-beside.ts'
import { salvageDocuments } from './database/steps/salvage-documents.ts'
import { switchCollections } from './database/steps/switch-collections.ts'
import { takeMigrationBack } from './database/steps/take-migration-back.ts'
import { docker } from './docker/index.ts'
import { containerFlags } from './docker/flag.ts'
import { swapContainers } from './docker/steps/swap-containers.ts'
import { removeKept } from './docker/steps/remove-kept.ts'
import { pauseContainers } from './docker/pause.ts'
import { keptContainers } from './docker/tidy-up.ts'
import { featureFlag } from './feature-flag/index.ts'
import { checkPrecondition } from './feature-flag/steps/check-precondition.ts'
import { readFlagBack } from './feature-flag/steps/read-flag-back.ts'
import { setStoredFlag } from './feature-flag/steps/set-stored-flag.ts'
import { storedFlags } from './feature-flag/stored.ts'
import { configMapFlags } from './kubernetes/config-map-flag.ts'
import { deploymentFlags } from './kubernetes/flag.ts'
import { setConfigMapKey } from './kubernetes/steps/set-config-map-key.ts'
import { setVariable } from './kubernetes/steps/set-variable.ts'
import { full } from './full/index.ts'
import { undoWhileStopped } from './full/undo.ts'
import { kubernetes } from './kubernetes/index.ts'
import { pauseDeployments } from './kubernetes/pause.ts'
import { renewPods, restart } from './kubernetes/restart.ts'
import { scaleDown } from './kubernetes/scale-down.ts'
import { scaleWorkloads } from './kubernetes/steps/scale-workloads.ts'
import { restartWorkload } from './kubernetes/steps/restart-workload.ts'
import { restoreRevisions } from './kubernetes/steps/restore-revisions.ts'
import { scaleWorkload } from './kubernetes/steps/scale-workload.ts'
import { clearCache } from './parts/steps/clear-cache.ts'
import { peopleDo } from './parts/steps/people-do.ts'
import { purgeCaches } from './parts/steps/purge-caches.ts'
import { proveApplication } from './parts/steps/prove-application.ts'
import { proveServices } from './parts/steps/prove-services.ts'
import { setMaintenance } from './parts/steps/set-maintenance.ts'
import { suspendOwner } from './parts/steps/suspend-owner.ts'
import { renewContainers, restartService } from './docker/restart.ts'
import { restartContainers } from './docker/steps/restart-containers.ts'
import { stopService } from './docker/scale-down.ts'
import { runContainers } from './docker/steps/run-containers.ts'
import { tidyUpAll } from './tidy-up.ts'
import { pausedWhereTheyRun, renewedWhereTheyRun, whereItRuns } from './where-it-runs.ts'
import type { Registry } from './procedure.ts'

const pausing = pausedWhereTheyRun([pauseDeployments, pauseContainers])

/** Every way back, every action and every step there is. A step's id is journaled and never renamed. */
export const REGISTRY: Registry = {
  waysBack: {
    'feature-flag': featureFlag(
      [deploymentFlags, configMapFlags, containerFlags, storedFlags],
      renewedWhereTheyRun({ kubernetes: renewPods, docker: renewContainers }),
    ),
    kubernetes,
    docker,
    database: databaseSwitch(pausing),
    full: full(pausing),
  },
  actions: {
    'scale-down': whereItRuns({ kubernetes: scaleDown, docker: stopService }),
    restart: whereItRuns({ kubernetes: restart, docker: restartService }),
    'clear-cache': clearCacheOnly,
    'tidy-up': tidyUpAll([keptContainers, keptData]),
    'restore-beside': restoring,
    salvage: salvaging,
    backup: backUp,
    maintenance,
    resume,
    undo: undoUnless((before, circumstances) => undoWhileStopped(before, pausing, circumstances)),
  },
  steps: [
    restoreRevisions,
    clearCache,
    proveServices,
    proveApplication,
    peopleDo,
    purgeCaches,
    scaleWorkload,
    scaleWorkloads,
    restartWorkload,
    setMaintenance,
    suspendOwner,
    swapContainers,
    runContainers,
    restartContainers,
    removeKept,
    backUpData,
    restoreBeside,
    compareData,
    switchCollections,
    copyBeside,
    takeMigrationBack,
    salvageDocuments,
    dropKeptData,
    checkPrecondition,
    setVariable,
    setConfigMapKey,
    setStoredFlag,
    readFlagBack,
  ],
}
