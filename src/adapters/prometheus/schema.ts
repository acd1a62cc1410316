import { z } from 'zod'

/** Seconds, and the number as text because JSON knows no NaN. */
const Sample = z.tuple([z.number(), z.string()])

/** Each bucket: which of its bounds are in it, the two bounds, and how many. https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms */
const NativeHistogram = z.tuple([
  z.number(),
  z.object({
    buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).default([]),
  }),
])

/** Left out where there is nothing to say. https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview */
const Remarks = z
  .array(z.string())
  .nullish()
  .transform((remarks) => remarks ?? [])

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
export const QueryAnswer = z.object({
  status: z.literal('success'),
  /** VictoriaMetrics: a storage node did not answer. https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#cluster-availability */
  isPartial: z.boolean().nullish(),
  /** Prometheus, Thanos and Mimir: the answer may be incomplete, or not what was meant. */
  warnings: Remarks,
  /** The answer is right, and the query may be a mistake. */
  infos: Remarks,
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('scalar'), result: Sample }),
    z.object({
      resultType: z.literal('vector'),
      result: z.array(
        z.object({
          metric: z.record(z.string(), z.string()).default({}),
          value: Sample.optional(),
          histogram: NativeHistogram.optional(),
        }),
      ),
    }),
    z.object({ resultType: z.literal('matrix') }),
    z.object({ resultType: z.literal('string') }),
  ]),
})
export type QueryAnswer = z.infer<typeof QueryAnswer>

/** Handed on as it came, so only its outline is looked at. https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries */
export const RangeAnswer = z.looseObject({
  status: z.literal('success'),
  data: z.looseObject({ resultType: z.literal('matrix'), result: z.array(z.unknown()) }),
})
export type RangeAnswer = z.infer<typeof RangeAnswer>

export const ErrorAnswer = z.object({
  status: z.literal('error'),
  errorType: z.string(),
  error: z.string(),
})

/** https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
export const TargetsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.object({ job: z.string().default(''), instance: z.string().default('') }),
        health: z.enum(['up', 'down', 'unknown']).catch('unknown'),
        lastError: z.string().default(''),
        /** `1m30s`; older servers, and some others, leave it out. */
        scrapeInterval: z.string().default(''),
      }),
    ),
  }),
})
