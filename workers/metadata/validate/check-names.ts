export const checkNames = [
  'wellformed',
  'manifest',
  'apiVersion',
  'naming',
  'duplicates',
  'pairs',
  'references',
  'limits',
] as const

export type CheckName = (typeof checkNames)[number]
