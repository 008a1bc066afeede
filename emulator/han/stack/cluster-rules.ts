/**
 * Which key secures a cluster's frames besides the network key, and whether its frames ask for an
 * APS acknowledgment. Smart Energy wants the link key of the two devices for all but a few clusters;
 * which few, and that requests with an answer of their own need no acknowledgment, is [mem].
 */
export interface ClusterRule {
  readonly security: 'network' | 'link';
  readonly acknowledged: boolean;
}

const ordinary: ClusterRule = { security: 'link', acknowledged: false };

const exceptions: ReadonlyMap<number, ClusterRule> = new Map<number, ClusterRule>([
  // Basic, Identify: read by whoever sets a home up.
  [0x0000, { security: 'network', acknowledged: false }],
  [0x0003, { security: 'network', acknowledged: false }],
  // Key Establishment comes before there is a link key to use.
  [0x0800, { security: 'network', acknowledged: true }],
  // Tunneling carries messages that nothing repeats.
  [0x0704, { security: 'link', acknowledged: true }],
  // A mirror is fed by a meter that goes back to sleep.
  [0x0702, { security: 'link', acknowledged: true }],
]);

export function clusterRule(clusterId: number): ClusterRule {
  return exceptions.get(clusterId) ?? ordinary;
}
