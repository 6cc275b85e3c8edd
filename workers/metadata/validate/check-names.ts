export const checkNames = ['wellformed', 'manifest', 'apiVersion', 'naming', 'duplicates', 'pairs', 'limits'] as const

export type CheckName = (typeof checkNames)[number]
