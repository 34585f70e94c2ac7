// Every script, one after the other, with the time it took.
"use strict";
const scripts = ["resources", "items", "batches", "feeds", "permissions"];

(async () => {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : scripts) {
    const begin = performance.now();
    await require(`./${name}.js`)();
    console.log(`${name}: ${Math.round(performance.now() - begin)} ms`);
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
