/** The least that a task can do: what remains is the price of a process of its own. */
export default {
  kind: 'noop',
  title: 'Do nothing',
  pool: 'normal',
  input: {},
  run(): null {
    return null
  },
}
