import type { PodTrouble } from './troubles.ts'

const RESTARTS_OF_A_LOOP = 3

/*
 * What a registry, or the way to it, says that passes by itself. It is asked first: Docker Hub calls its
 * rate limit "denied" too. https://docs.docker.com/docker-hub/usage/pulls
 */
const PASSES =
  /\b429\b|too ?many ?requests|rate limit|time(d)? ?out|deadline exceeded|connection (refused|reset)|no such host|\bEOF\b|\b50[0234]\b|temporar/i

/*
 * What stays so until somebody changes it. The words are those of the registries' error codes and of
 * containerd: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */
const STAYS =
  /not found|manifest unknown|name unknown|\bdenied\b|unauthorized|authentication required|no basic auth credentials|no match for platform|invalid reference/i

/** What a container refers to and does not find: kubelet's own words for it. */
const MISSING = /not found|couldn't find key|non-existent|no such/i

type Judge = (trouble: Pick<PodTrouble, 'text' | 'restarts'>) => boolean

/**
 * By the reason of a waiting container, whether it will not end by itself.
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/types.go
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container.go
 */
const FINAL: Readonly<Record<string, Judge>> = {
  ErrImagePull: neverPulled,
  // Older kubelets do not say why they wait: the error itself says it, before and after.
  ImagePullBackOff: neverPulled,
  InvalidImageName: () => true,
  ErrImageNeverPull: () => true,
  CreateContainerConfigError: ({ text }) => !PASSES.test(text) && MISSING.test(text),
  CrashLoopBackOff: ({ restarts }) => restarts >= RESTARTS_OF_A_LOOP,
}

function neverPulled({ text }: Pick<PodTrouble, 'text'>): boolean {
  return !PASSES.test(text) && STAYS.test(text)
}

/** Whether somebody has to do something about it. Everything else is waited for, and said. */
export function isFinal(trouble: PodTrouble): boolean {
  return FINAL[trouble.reason]?.(trouble) ?? false
}
