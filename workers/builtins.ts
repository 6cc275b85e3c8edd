/** How many of Node's own modules this process has loaded; none where Node does not tell, as nobody says it must. */
export function builtinsLoaded(): number {
  const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] }
  return moduleLoadList?.length ?? 0
}
