// Makes a component of a script for `wasmtime serve`:  node build.js WIT SCRIPT OUTPUT
// WIT is a folder with the world to aim at, which is that of the installed engine (see below).

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { componentize } from '@bytecodealliance/componentize-js';

// StarlingMonkey exports this version of wasi:http, and no other may be asked for. wasmtime links any 0.2.
const WASI = '0.2.10';

const [wit, script, output] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'hearth-bench-'));
try {
    await cp(wit, folder, { recursive: true });
    for (const name of await readdir(folder, { recursive: true })) {
        if (name.endsWith('.wit')) {
            const text = await readFile(join(folder, name), 'utf8');
            await writeFile(join(folder, name), text.replaceAll(/\b0\.2\.\d+/g, WASI));
        }
    }
    const source = await readFile(script, 'utf8');
    // The handlers export wasi:http's function themselves.
    const disableFeatures = ['fetch-event'];
    const options = { sourceName: basename(script), witPath: folder, worldName: 'bindings', disableFeatures };
    const { component } = await componentize(source, options);
    await writeFile(output, component);
} finally {
    await rm(folder, { recursive: true, force: true });
}
