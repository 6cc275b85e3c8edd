/** Stands for `node:util` where there is no Node. */
export { default as stripVTControlCharacters } from 'strip-ansi'
