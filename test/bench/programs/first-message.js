process.send?.('here')
process.disconnect?.()
