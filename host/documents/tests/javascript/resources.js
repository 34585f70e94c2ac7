// The account, databases, containers, offers and scripts.
"use strict";
const { assert, connect, endpoint, key, refused, withDatabase } = require("./store.js");

async function account(client) {
  const { resource } = await client.getDatabaseAccount();
  assert.equal(resource.consistencyPolicy, "Session");
  assert.deepEqual(resource.writableLocations.map((place) => place.databaseAccountEndpoint), [`${endpoint}/`]);
  await refused(connect({ key: Buffer.from("another").toString("base64") }).databases.readAll().fetchAll(), 401);
}

async function databases(client) {
  const { database, resource, statusCode } = await client.databases.create({ id: "js one" });
  assert.equal(statusCode, 201);
  assert.equal(resource._self, `dbs/${resource._rid}/`);
  assert.equal(Buffer.from(resource._rid.replace(/-/g, "/"), "base64").length, 4);
  assert.equal((await client.databases.createIfNotExists({ id: "js one" })).statusCode, 200);
  await refused(client.databases.create({ id: "js one" }), 409);
  // The client checks these characters itself; what it lets through is checked by the store.
  await refused(client.databases.create({ id: "x".repeat(256) }), 400);
  const found = await client.databases
    .query({ query: "SELECT * FROM root r WHERE r.id = @id", parameters: [{ name: "@id", value: "js one" }] })
    .fetchAll();
  assert.deepEqual(found.resources.map((one) => one._rid), [resource._rid]);
  assert.ok((await client.databases.readAll().fetchAll()).resources.some((one) => one.id === "js one"));
  assert.equal((await database.delete()).statusCode, 204);
  await refused(database.read(), 404);
  await refused(database.container("c").read(), 404, 1003);
}

async function containers(database) {
  const { resource, container } = await database.containers.create({ id: "défaut", partitionKey: "/pk" });
  assert.deepEqual(resource.indexingPolicy, {
    indexingMode: "consistent",
    automatic: true,
    includedPaths: [{ path: "/*" }],
    excludedPaths: [{ path: '/"_etag"/?' }],
  });
  assert.equal(resource.conflictResolutionPolicy.mode, "LastWriterWins");
  assert.equal(Buffer.from(resource._rid.replace(/-/g, "/"), "base64").length, 8);
  assert.equal((await database.containers.createIfNotExists({ id: "défaut", partitionKey: "/pk" })).statusCode, 200);
  const replaced = await container.replace({ ...resource, defaultTtl: 60 });
  assert.equal(replaced.resource.defaultTtl, 60);
  assert.notEqual(replaced.resource._etag, resource._etag);
  assert.equal(replaced.resource._rid, resource._rid);
  await refused(container.replace({ ...resource, partitionKey: { paths: ["/other"], kind: "Hash" } }), 400);
  await refused(database.containers.create({ id: "bad", partitionKey: "/pk", defaultTtl: 0 }), 400);
  assert.deepEqual((await container.getPartitionKeyDefinition()).resource.paths, ["/pk"]);
  const invented = await database.containers.create({ id: "keyless" });
  assert.deepEqual(invented.resource.partitionKey.paths, ["/_partitionKey"]);
  const names = (await database.containers.readAll().fetchAll()).resources.map((one) => one.id);
  assert.deepEqual(names.sort(), ["défaut", "keyless"]);
  await invented.container.delete();
  await refused(invented.container.read(), 404);
}

async function throughput(client, database) {
  const { container, resource } = await database.containers.create({ id: "wide", partitionKey: "/pk", throughput: 12000 });
  const { resources: ranges } = await container.readPartitionKeyRanges().fetchAll();
  assert.deepEqual(ranges.map((range) => [range.id, typeof range.id]), [["0", "string"], ["1", "string"]]);
  assert.deepEqual([ranges[0].minInclusive, ranges[1].maxExclusive], ["", "FF"]);
  assert.equal(ranges[0].maxExclusive, ranges[1].minInclusive);
  const { resource: offer } = await container.readOffer();
  assert.equal(offer.content.offerThroughput, 12000);
  assert.equal(offer.resource, resource._self);
  const replaced = await client.offer(offer.id).replace({ ...offer, content: { offerThroughput: 10000 } });
  assert.equal(replaced.resource.content.offerThroughput, 10000);
  assert.equal((await container.readOffer()).resource.content.offerThroughput, 10000);
  await refused(client.offer(offer.id).replace({ ...offer, content: { offerThroughput: 150 } }), 400);
  assert.ok((await client.offers.readAll().fetchAll()).resources.some((one) => one.id === offer.id));
  await refused(database.containers.create({ id: "odd", partitionKey: "/pk", throughput: 450 }), 400);
  const scaled = await database.containers.create({ id: "scaled", partitionKey: "/pk", maxThroughput: 4000 });
  assert.equal((await scaled.container.readOffer()).resource.content.offerAutopilotSettings.maxThroughput, 4000);
}

async function scripts(database) {
  const { container } = await database.containers.create({ id: "scripts", partitionKey: "/pk" });
  const { storedProcedures, triggers, userDefinedFunctions } = container.scripts;
  const body = "serverScript() { var x = 10; }";
  const created = await storedProcedures.create({ id: "a b", body });
  assert.equal(created.resource.body, body);
  assert.equal((await container.scripts.storedProcedure("a b").read()).resource._rid, created.resource._rid);
  const changed = await container.scripts.storedProcedure("a b").replace({ id: "a b", body: "function () {}" });
  assert.equal(changed.resource.body, "function () {}");
  assert.equal((await storedProcedures.readAll().fetchAll()).resources.length, 1);
  const query = { query: "SELECT * FROM root r WHERE r.id=@id", parameters: [{ name: "@id", value: "a b" }] };
  assert.equal((await storedProcedures.query(query).fetchAll()).resources.length, 1);
  await triggers.create({ id: "t", body, triggerType: "Pre", triggerOperation: "All" });
  assert.equal((await container.scripts.trigger("t").read()).resource.triggerType, "Pre");
  await userDefinedFunctions.create({ id: "u", body });
  await refused(userDefinedFunctions.create({ id: "u", body }), 409);
  await container.scripts.userDefinedFunction("u").delete();
  await refused(container.scripts.userDefinedFunction("u").read(), 404);
  assert.deepEqual((await container.conflicts.readAll().fetchAll()).resources, []);
}

async function byRid(database) {
  const { resource: container } = await database.containers.create({ id: "rid", partitionKey: { paths: ["/id"], version: 2 } });
  const { resource: item } = await database.container("rid").items.create({ id: "x", v: 1 });
  // With links from `_self`, as the REST API allows: signed over the last RID in lower case.
  const get = async (link, type) => {
    const crypto = require("node:crypto");
    const date = new Date().toUTCString();
    const id = link.split("/").at(-2).toLowerCase();
    const text = `get\n${type}\n${id}\n${date.toLowerCase()}\n\n`;
    const signature = crypto.createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
    const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
    const headers = { authorization, "x-ms-date": date, "x-ms-version": "2020-07-15" };
    if (type === "docs") headers["x-ms-documentdb-partitionkey"] = '["x"]';
    const answer = await fetch(`${endpoint}/${link}`, { headers });
    return [answer.status, await answer.json()];
  };
  assert.deepEqual((await get(container._self, "colls")).map((part) => part.id ?? part), [200, "rid"]);
  assert.deepEqual(await get(item._self, "docs"), [200, item]);
}

module.exports = () =>
  withDatabase("js-resources", async (client, database) => {
    await account(client);
    await databases(client);
    await containers(database);
    await throughput(client, database);
    await scripts(database);
    await byRid(database);
  });
