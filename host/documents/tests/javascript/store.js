// What every script begins with: a client for the store in HEARTH_DOCUMENTS, and a database of its own.
"use strict";
const assert = require("node:assert/strict");
const { CosmosClient } = require("@azure/cosmos");

const endpoint = process.env.HEARTH_DOCUMENTS;
const key = process.env.HEARTH_DOCUMENTS_KEY;

/** A client as its users make one; refusals are not tried again. */
function connect(options = { key }) {
  return new CosmosClient({ endpoint, connectionPolicy: { retryOptions: { maxRetryAttemptCount: 0 } }, ...options });
}

/** Runs steps with a database that is gone afterwards. */
async function withDatabase(id, steps) {
  const client = connect();
  const { database } = await client.databases.create({ id });
  try {
    await steps(client, database);
  } finally {
    await database.delete();
    client.dispose();
  }
}

/** Expects a refusal with this status, and this sub-status where one is given. */
async function refused(promise, status, substatus) {
  const error = await Promise.resolve(promise).then(
    (answer) => assert.fail(`expected ${status}, was answered ${JSON.stringify(answer?.resource ?? answer?.statusCode)}`),
    (error) => error,
  );
  assert.equal(error.code, status, error.stack);
  if (substatus !== undefined) assert.equal(error.substatus ?? error.headers?.["x-ms-substatus"], substatus, error.message);
  return error;
}

/** An item without what the store adds. */
function own(item) {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !name.startsWith("_")));
}

module.exports = { assert, connect, endpoint, key, own, refused, withDatabase };
