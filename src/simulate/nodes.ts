import type { Policy, PoolPolicy } from '../schedule/policy.ts'

/** One plan over so many nodes alike: their slots and memory together. What a tenant or a kind may is not of one node. */
export function onNodes(policy: Policy, nodes: number): Policy {
  const poolOf = (pool: PoolPolicy): PoolPolicy => ({ ...pool, min: pool.min * nodes, max: pool.max * nodes })
  const { critical, normal, batch } = policy.pools
  return {
    ...policy,
    sharedSlots: policy.sharedSlots * nodes,
    memoryMiB: policy.memoryMiB * nodes,
    pools: { critical: poolOf(critical), normal: poolOf(normal), batch: poolOf(batch) },
  }
}
