// Change feeds of both kinds: where they begin, how they go on, and what part of a container they are of.
"use strict";
const { ChangeFeedMode, ChangeFeedStartFrom } = require("@azure/cosmos");
const { assert, refused, withDatabase } = require("./store.js");

const MODES = { latest: ChangeFeedMode.LatestVersion, all: ChangeFeedMode.AllVersionsAndDeletes };

/** Reads to the end: what was new, and where to go on. */
async function drain(container, options) {
  const pages = container.items.getChangeFeedIterator({ maxItemCount: 5, ...options });
  const all = [];
  let answer;
  do {
    answer = await pages.readNext();
    assert.ok([200, 304].includes(answer.statusCode));
    all.push(...(answer.result ?? []));
  } while (answer.statusCode !== 304);
  return [all, answer.continuationToken];
}

const ids = (items) => items.map((item) => item.id).sort();

async function latest(container) {
  const from = (start) => drain(container, { changeFeedMode: MODES.latest, changeFeedStartFrom: start });
  const [nothing, now] = await from(ChangeFeedStartFrom.Now());
  assert.deepEqual(nothing, []);
  for (let n = 0; n < 23; n++) await container.items.create({ id: `i${n}`, pk: `k${n % 4}`, n });
  const [first, after] = await from(ChangeFeedStartFrom.Beginning());
  assert.equal(first.length, 23);
  assert.ok(first.every((item) => Number.isInteger(item._lsn) && item._etag && item._ts));
  assert.deepEqual(ids((await from(ChangeFeedStartFrom.Continuation(now)))[0]), ids(first));
  assert.deepEqual((await from(ChangeFeedStartFrom.Continuation(after)))[0], []);

  await container.item("i3", "k3").replace({ id: "i3", pk: "k3", n: 33 });
  await container.item("i3", "k3").replace({ id: "i3", pk: "k3", n: 333 });
  await container.item("i4", "k0").delete();
  const [changed, end] = await from(ChangeFeedStartFrom.Continuation(after));
  assert.deepEqual(changed.map((item) => [item.id, item.n]), [["i3", 333]], "the latest version, and no deletions");
  assert.equal((await from(ChangeFeedStartFrom.Beginning()))[0].length, 22);
  assert.deepEqual((await from(ChangeFeedStartFrom.Continuation(end)))[0], []);

  assert.deepEqual(ids((await from(ChangeFeedStartFrom.Beginning("k1")))[0]), ids(first.filter((item) => item.pk === "k1")));
  const ranges = await container.getFeedRanges();
  const parts = await Promise.all(ranges.map((range) => from(ChangeFeedStartFrom.Beginning(range))));
  assert.equal(parts.flatMap(([items]) => items).length, 22, "feed ranges leave nothing out and tell nothing twice");
  assert.equal((await from(ChangeFeedStartFrom.Time(new Date(Date.now() - 60_000))))[0].length, 22);
  assert.deepEqual((await from(ChangeFeedStartFrom.Time(new Date(Date.now() + 60_000))))[0], []);

  // A batch is one change: a page ends before or after it.
  const batch = Array.from({ length: 12 }, (_, n) => ({ operationType: "Create", resourceBody: { id: `t${n}`, pk: "t" } }));
  assert.equal((await container.items.batch(batch, "t")).code, 200);
  const pages = container.items.getChangeFeedIterator({
    changeFeedMode: MODES.latest,
    maxItemCount: 5,
    changeFeedStartFrom: ChangeFeedStartFrom.Continuation(end),
  });
  let page;
  do page = await pages.readNext();
  while (page.statusCode === 304 && pages.hasMoreResults && !page.result?.length);
  assert.equal(page.result.length, 12);
  assert.equal(new Set(page.result.map((item) => item._lsn)).size, 1);
  // The older way to ask.
  const older = container.items.changeFeed("t", { startFromBeginning: true, maxItemCount: 100 });
  assert.equal((await older.fetchNext()).result.length, 12);
}

async function allVersions(database) {
  const { container: without } = await database.containers.create({ id: "latest only", partitionKey: "/pk" });
  const asked = { changeFeedMode: MODES.all, changeFeedStartFrom: ChangeFeedStartFrom.Now() };
  await refused(without.items.getChangeFeedIterator(asked).readNext(), 400);

  const { container } = await database.containers.create({
    id: "all",
    partitionKey: "/pk",
    defaultTtl: -1,
    changeFeedPolicy: { retentionDuration: 10 },
  });
  const [, now] = await drain(container, asked);
  const item = container.item("a", "x");
  await container.items.create({ id: "a", pk: "x", v: 1 });
  await container.items.upsert({ id: "a", pk: "x", v: 2 });
  await item.patch([{ op: "incr", path: "/v", value: 1 }]);
  await item.delete();
  await container.items.upsert({ id: "b", pk: null, v: 1 });
  const [changes] = await drain(container, { ...asked, changeFeedStartFrom: ChangeFeedStartFrom.Continuation(now) });
  assert.deepEqual(
    changes.map(({ metadata, current, previous }) => [metadata.operationType, current?.v, previous?.v]),
    [["create", 1, undefined], ["replace", 2, 1], ["replace", 3, 2], ["delete", undefined, 3], ["create", 1, undefined]],
  );
  const lsns = changes.map(({ metadata }) => metadata.lsn);
  assert.deepEqual(lsns, [...lsns].sort((one, other) => one - other));
  assert.equal(changes[2].metadata.previousImageLSN, lsns[1]);
  assert.ok(changes.every(({ metadata }) => metadata.crts > 1_700_000_000));
  assert.equal(changes[3].metadata.id, "a");
  assert.deepEqual(changes[3].metadata.partitionKey, { pk: "x" });
}

module.exports = () =>
  withDatabase("js-feeds", async (_client, database) => {
    for (const throughput of [400, 12000]) {
      const { container } = await database.containers.create({ id: `c${throughput}`, partitionKey: "/pk", throughput });
      await latest(container);
    }
    await allVersions(database);
  });
