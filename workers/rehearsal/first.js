/** What a worker that stands by does before it knows its task: nothing, as a kind would. */
export default { run: () => null, cleanup: () => null }
