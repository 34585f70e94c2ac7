// Transactional batches and bulks.
"use strict";
const { assert, own, refused, withDatabase } = require("./store.js");

async function batches(container) {
  const { resource: old } = await container.items.create({ id: "old", pk: "a", n: 1 });
  const done = await container.items.batch(
    [
      { operationType: "Create", resourceBody: { id: "new", pk: "a", n: 1 } },
      { operationType: "Read", id: "new" },
      { operationType: "Upsert", resourceBody: { id: "up", pk: "a" } },
      { operationType: "Replace", id: "old", resourceBody: { id: "old", pk: "a", n: 2 }, ifMatch: old._etag },
      { operationType: "Patch", id: "old", resourceBody: { operations: [{ op: "incr", path: "/n", value: 5 }] } },
      { operationType: "Delete", id: "new" },
    ],
    "a",
  );
  assert.equal(done.code, 200);
  assert.deepEqual(done.result.map((one) => one.statusCode), [201, 200, 201, 200, 200, 204]);
  assert.deepEqual(own(done.result[1].resourceBody), { id: "new", pk: "a", n: 1 });
  assert.equal(done.result[4].resourceBody.n, 7);
  assert.equal((await container.item("old", "a").read()).etag, done.result[4].eTag);
  assert.equal((await container.item("new", "a").read()).statusCode, 404);

  const failed = await container.items.batch(
    [
      { operationType: "Create", resourceBody: { id: "x", pk: "a" } },
      { operationType: "Create", resourceBody: { id: "old", pk: "a" } },
      { operationType: "Delete", id: "up" },
    ],
    "a",
  );
  assert.equal(failed.code, 207);
  assert.deepEqual(failed.result.map((one) => one.statusCode), [424, 409, 424]);
  assert.equal((await container.item("x", "a").read()).statusCode, 404);
  assert.equal((await container.item("up", "a").read()).statusCode, 200);
  const stale = await container.items.batch([{ operationType: "Delete", id: "old", ifMatch: old._etag }], "a");
  assert.deepEqual(stale.result.map((one) => one.statusCode), [412]);
  const read = { operationType: "Read", id: "old" };
  const minimal = await container.items.batch(
    [{ operationType: "Upsert", resourceBody: { id: "up", pk: "a" } }, { operationType: "Read", id: "up" }],
    "a",
    { contentResponseOnWriteEnabled: false },
  );
  assert.deepEqual(minimal.result.map((one) => one.resourceBody?.id), [undefined, "up"]);
  assert.ok(minimal.result[0].eTag);
  // The client makes errors of its own of these.
  await assert.rejects(container.items.batch([], "a"), /Batch request has no operations/);
  await assert.rejects(container.items.batch(Array(101).fill(read), "a"), /more than 100 operations/);
  assert.equal((await container.items.batch(Array(100).fill(read), "a")).result.length, 100);
}

async function bulks(container) {
  const create = (n) => ({ operationType: "Create", partitionKey: `p${n % 7}`, resourceBody: { id: `b${n}`, pk: `p${n % 7}`, n } });
  const many = await container.items.executeBulkOperations(Array.from({ length: 250 }, (_, n) => create(n)));
  assert.deepEqual([...new Set(many.map((one) => one.response?.statusCode ?? one.error))], [201]);
  const mixed = await container.items.executeBulkOperations([
    create(0),
    { operationType: "Read", id: "b1", partitionKey: "p1" },
    { operationType: "Upsert", partitionKey: "p2", resourceBody: { id: "b2", pk: "p2", n: -2 } },
    { operationType: "Replace", id: "b3", partitionKey: "p3", resourceBody: { id: "b3", pk: "p3", n: -3 } },
    { operationType: "Patch", id: "b4", partitionKey: "p4", resourceBody: { operations: [{ op: "set", path: "/n", value: -4 }] } },
    { operationType: "Delete", id: "b5", partitionKey: "p5" },
    { operationType: "Read", id: "none", partitionKey: "p6" },
    { operationType: "Create", partitionKey: null, resourceBody: { id: "null", pk: null } },
    { operationType: "Create", partitionKey: -5, resourceBody: { id: "number", pk: -5 } },
  ]);
  assert.deepEqual(
    mixed.map((one) => one.response?.statusCode ?? one.error.code),
    [409, 200, 200, 200, 200, 204, 404, 201, 201],
  );
  assert.equal(mixed[1].response.resourceBody.n, 1);
  assert.equal((await container.item("b4", "p4").read()).resource.n, -4);
  const older = await container.items.bulk([create(1000), create(1001), create(1000)], { continueOnError: true });
  assert.deepEqual(older.map((one) => one.statusCode), [201, 201, 409]);
  assert.equal((await container.items.readAll().fetchAll()).resources.length, 250 - 1 + 2 + 2 + 2);
}

module.exports = () =>
  withDatabase("js-batches", async (_client, database) => {
    for (const throughput of [400, 25200]) {
      const { container } = await database.containers.create({ id: `c${throughput}`, partitionKey: "/pk", throughput });
      await batches(container);
      await bulks(container);
    }
  });
