// Items: create, read, replace, upsert, delete, lists, queries, etags, patches, times to live, unique and hierarchical keys.
"use strict";
const { PartitionKeyBuilder, PartitionKeyKind, PartitionKeyDefinitionVersion } = require("@azure/cosmos");
const { assert, own, refused, withDatabase } = require("./store.js");

async function crud(container) {
  const odd = { id: "a+b %25 'é😀", pk: "ü \u0001", n: 1.5, deep: { list: [1, { x: null }], big: 9007199254740991 }, z: true };
  const created = await container.items.create(odd);
  assert.equal(created.statusCode, 201);
  assert.deepEqual(own(created.resource), odd);
  assert.deepEqual(Object.keys(own(created.resource)), Object.keys(odd), "the order is kept");
  assert.equal(created.etag, created.resource._etag);
  assert.match(created.headers["x-ms-session-token"], /^[01]:/);
  assert.ok(Math.abs(created.resource._ts - Date.now() / 1000) < 60);
  const item = container.item(odd.id, odd.pk);
  assert.deepEqual((await item.read()).resource, created.resource);
  await refused(container.items.create(odd), 409);
  const replaced = await item.replace({ ...odd, n: 2 });
  assert.equal(replaced.statusCode, 200);
  assert.equal(replaced.resource._rid, created.resource._rid);
  assert.notEqual(replaced.resource._etag, created.resource._etag);
  await refused(item.replace({ ...odd, id: "other" }), 400);
  assert.equal((await container.items.upsert({ ...odd, n: 3 })).statusCode, 200);
  assert.equal((await container.items.upsert({ id: "new", pk: "x" })).statusCode, 201);
  assert.equal((await item.delete()).statusCode, 204);
  assert.equal((await item.read()).statusCode, 404);
  await refused(item.delete(), 404);
  await refused(container.items.create({ id: "big", pk: "x", text: "x".repeat(2 * 1024 * 1024) }), 413);
  assert.match((await container.items.create({ pk: "generated" })).resource.id, /^[0-9a-f-]{36}$/);
  // Values of keys that are not strings are other keys.
  for (const pk of [1, true, null, undefined, ""]) await container.items.create({ id: "same", ...(pk === undefined ? {} : { pk }) });
  for (const pk of [1, true, null, undefined, ""]) {
    assert.equal((await container.item("same", pk).read()).resource?.pk, pk, `key ${pk}`);
  }
}

async function etags(container) {
  const { resource: first } = await container.items.create({ id: "e", pk: "e", v: 1 });
  const item = container.item("e", "e");
  const condition = (type, tag) => ({ accessCondition: { type, condition: tag } });
  assert.equal((await item.read(condition("IfNoneMatch", first._etag))).statusCode, 304);
  const { resource: second } = await item.replace({ ...first, v: 2 }, condition("IfMatch", first._etag));
  await refused(item.replace({ ...first, v: 3 }, condition("IfMatch", first._etag)), 412);
  await refused(item.delete(condition("IfMatch", first._etag)), 412);
  await refused(container.items.upsert({ ...first, v: 3 }, condition("IfMatch", first._etag)), 412);
  assert.equal((await item.read()).resource.v, 2);
  const third = await container.items.upsert({ ...second, v: 4 }, condition("IfMatch", second._etag));
  assert.equal(third.resource._etag, third.etag);
  assert.equal((await item.delete(condition("IfMatch", third.etag))).statusCode, 204);
}

async function patches(container) {
  await container.items.create({ id: "p", pk: "p", n: 1, list: [1, 2], gone: true, from: { a: 1 } });
  const item = container.item("p", "p");
  const { resource } = await item.patch([
    { op: "incr", path: "/n", value: 2 },
    { op: "add", path: "/list/1", value: "new" },
    { op: "set", path: "/set", value: { a: null } },
  ]);
  assert.deepEqual([resource.n, resource.list, resource.set], [3, [1, "new", 2], { a: null }]);
  const { resource: more } = await item.patch({
    condition: "from c where c.n = 3",
    operations: [
      { op: "remove", path: "/gone" },
      { op: "remove", path: "/set" },
      { op: "move", from: "/from/a", path: "/to" },
      { op: "replace", path: "/list", value: [] },
    ],
  });
  assert.deepEqual(own(more), { id: "p", pk: "p", n: 3, list: [], from: {}, to: 1 });
  await refused(item.patch({ condition: "from c where c.n = 4", operations: [{ op: "remove", path: "/n" }] }), 412);
  await refused(item.patch([{ op: "replace", path: "/none", value: 1 }]), 400);
  await refused(item.patch([{ op: "set", path: "/pk", value: 1 }]), 400);
  await refused(item.patch([{ op: "set", path: "/id", value: "q" }]), 400);
  await refused(item.patch(Array(11).fill({ op: "set", path: "/n", value: 1 })), 400);
  assert.equal((await item.read()).resource._etag, more._etag, "what was refused changed nothing");
}

async function lists(container) {
  await Promise.all(Array.from({ length: 25 }, (_, n) =>
    container.items.create({ id: `l${String(n).padStart(2, "0")}`, pk: `k${n % 3}`, kind: "list", n, half: n / 2 })));
  const pages = container.items.readAll({ maxItemCount: 10 });
  const seen = new Set();
  while (pages.hasMoreResults()) {
    const { resources } = await pages.fetchNext();
    assert.ok((resources ?? []).length <= 10);
    for (const item of resources ?? []) {
      assert.ok(!seen.has(item._rid), "no item comes twice");
      seen.add(item._rid);
    }
  }
  assert.ok(seen.size >= 25);
  const query = async (text, parameters = {}, options = {}) => {
    const named = Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value }));
    return (await container.items.query({ query: text, parameters: named }, options).fetchAll()).resources;
  };
  assert.equal((await query("SELECT * FROM c WHERE c.kind = 'list'")).length, 25);
  assert.equal((await query("SELECT * FROM c WHERE c.kind = 'list'", {}, { partitionKey: "k0" })).length, 9);
  assert.deepEqual(
    await query("SELECT VALUE c.n FROM c WHERE c.kind = @kind AND c.n >= 5 AND c.n < 8 ORDER BY c.n DESC", { kind: "list" }),
    [7, 6, 5],
  );
  assert.deepEqual(await query("SELECT TOP 2 c.id, c.n FROM c WHERE c.kind = 'list' ORDER BY c.n"), [
    { id: "l00", n: 0 },
    { id: "l01", n: 1 },
  ]);
  assert.deepEqual(
    await query("SELECT VALUE c.id FROM c WHERE c.kind = 'list' ORDER BY c.half OFFSET 3 LIMIT 2", {}, { maxItemCount: 2 }),
    ["l03", "l04"],
  );
  assert.deepEqual(await query("SELECT * FROM c WHERE c.nothing = 1"), []);
  const paged = container.items.query("SELECT VALUE c.n FROM c WHERE c.kind = 'list' ORDER BY c.n", { maxItemCount: 4 });
  const all = [];
  while (paged.hasMoreResults()) all.push(...((await paged.fetchNext()).resources ?? []));
  assert.deepEqual(all, Array.from({ length: 25 }, (_, n) => n));
  await refused(query("SELECT * FROM"), 400);
  // A page is continued by a client of another day.
  const first = await container.items.query("SELECT * FROM c WHERE c.pk = 'k1'", { maxItemCount: 3, partitionKey: "k1" }).fetchNext();
  const next = container.items.query("SELECT * FROM c WHERE c.pk = 'k1'", {
    maxItemCount: 100,
    partitionKey: "k1",
    continuationToken: first.continuationToken,
  });
  assert.equal(first.resources.length + (await next.fetchAll()).resources.length, 8);
}

async function wholeKey(container) {
  for (let n = 0; n < 130; n += 10) {
    const operations = Array.from({ length: 10 }, (_, at) => ({ operationType: "Create", resourceBody: { id: `doomed-${n + at}`, pk: "doomed" } }));
    assert.equal((await container.items.batch(operations, "doomed")).code, 200);
  }
  const left = async () => (await container.items.query("SELECT VALUE c.id FROM c WHERE STARTSWITH(c.id, 'doomed-')").fetchAll()).resources;
  await container.items.create({ id: "doomed-not", pk: "other" });
  assert.equal((await left()).length, 131);
  await container.deleteAllItemsForPartitionKey("doomed");
  assert.deepEqual(await left(), ["doomed-not"]);
}

async function keys(database) {
  const { container: unique } = await database.containers.create({
    id: "unique",
    partitionKey: "/pk",
    uniqueKeyPolicy: { uniqueKeys: [{ paths: ["/mail", "/org/name"] }] },
  });
  await unique.items.create({ id: "1", pk: "a", mail: "m", org: { name: "o" } });
  await refused(unique.items.create({ id: "2", pk: "a", mail: "m", org: { name: "o" } }), 409);
  await unique.items.create({ id: "2", pk: "a", mail: "m", org: { name: "other" } });
  await unique.items.create({ id: "3", pk: "b", mail: "m", org: { name: "o" } });
  await unique.items.create({ id: "4", pk: "a" });
  await refused(unique.items.create({ id: "5", pk: "a" }), 409);
  await unique.item("4", "a").delete();
  await unique.items.create({ id: "5", pk: "a" });

  const { container: levels } = await database.containers.create({
    id: "levels",
    partitionKey: {
      paths: ["/tenant", "/user/name", "/session"],
      kind: PartitionKeyKind.MultiHash,
      version: PartitionKeyDefinitionVersion.V2,
    },
    throughput: 12000,
  });
  for (const user of ["u", "v"]) {
    for (const session of [1, 2]) await levels.items.create({ id: "x", tenant: "t", user: { name: user }, session });
  }
  await levels.items.create({ id: "x", tenant: "s", user: { name: "u" }, session: 1 });
  const whole = new PartitionKeyBuilder().addValue("t").addValue("v").addValue(2).build();
  assert.equal((await levels.item("x", whole).read()).resource.session, 2);
  assert.equal((await levels.item("x", ["t", "u", 1]).read()).resource.user.name, "u");
  assert.equal((await levels.item("x", ["t", "u", 3]).read()).statusCode, 404);
  const below = async (partitionKey) => (await levels.items.query("SELECT * FROM c", { partitionKey }).fetchAll()).resources.length;
  assert.deepEqual(await Promise.all([below(["t"]), below(["t", "u"]), below(["t", "u", 2]), below(["s"])]), [4, 2, 1, 1]);
  assert.equal((await levels.item("x", whole).delete()).statusCode, 204);
}

async function expiry(database) {
  const { container } = await database.containers.create({ id: "ttl", partitionKey: "/pk", defaultTtl: -1 });
  await container.items.create({ id: "stays", pk: "a" });
  await container.items.create({ id: "goes", pk: "a", ttl: 1 });
  await refused(container.items.create({ id: "wrong", pk: "a", ttl: 0 }), 400);
  assert.equal((await container.item("goes", "a").read()).resource.ttl, 1);
  // Time itself has to pass: the client's store goes by its own clock.
  const end = Date.now() + 10_000;
  while ((await container.item("goes", "a").read()).statusCode !== 404) assert.ok(Date.now() < end, "it never expires");
  assert.deepEqual((await container.items.query("SELECT VALUE c.id FROM c").fetchAll()).resources, ["stays"]);
  assert.equal((await container.items.create({ id: "goes", pk: "a" })).statusCode, 201, "its id is free at once");
}

module.exports = () =>
  withDatabase("js-items", async (_client, database) => {
    for (const [id, throughput] of [["narrow", 400], ["wide", 12000]]) {
      const { container } = await database.containers.create({
        id,
        partitionKey: { paths: ["/pk"], version: id === "wide" ? 2 : undefined },
        throughput,
      });
      await crud(container);
      await etags(container);
      await patches(container);
      await lists(container);
      await wholeKey(container);
    }
    await keys(database);
    await expiry(database);
  });
