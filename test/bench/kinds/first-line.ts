/** Says when its first line ran: nanoseconds of the clock that all processes of the machine share. */
export default {
  kind: 'first-line',
  title: 'Tell the time of the first line',
  pool: 'normal',
  input: {},
  run(): string {
    return String(process.hrtime.bigint())
  },
}
