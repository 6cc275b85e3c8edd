/** The other end of a Program: says that it is ready, answers, and ends with the bench that started it. */
export function answerWith<Question>(ready: object, answer: (question: Question) => Promise<object>): void {
  process.on('message', async (question: Question) => {
    const said = await answer(question)
    process.send?.(said)
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(ready)
}
