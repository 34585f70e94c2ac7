// Users, permissions, and clients that have nothing but resource tokens.
"use strict";
const { PermissionMode } = require("@azure/cosmos");
const { assert, connect, refused, withDatabase } = require("./store.js");

module.exports = () =>
  withDatabase("js-permissions", async (_client, database) => {
    const { container } = await database.containers.create({ id: "c", partitionKey: "/pk" });
    await container.items.create({ id: "1", pk: "a" });
    await container.items.create({ id: "1", pk: "b" });
    const { user } = await database.users.create({ id: "u" });
    assert.equal((await user.read()).resource.id, "u");
    await refused(database.users.create({ id: "u" }), 409);
    assert.equal((await database.users.upsert({ id: "u" })).statusCode, 200);

    const grant = async (id, permissionMode, more = {}) =>
      (await user.permissions.create({ id, permissionMode, resource: container.url, ...more })).resource;
    const read = await grant("read", PermissionMode.Read);
    assert.ok(read._token.startsWith("type=resource&ver=1"));
    assert.equal(read.resource, container.url);
    await refused(grant("again", PermissionMode.All), 409);
    assert.equal((await user.permissions.readAll().fetchAll()).resources.length, 1);

    const reader = connect({ resourceTokens: { [container.url]: read._token } });
    const theirs = reader.database(database.id).container(container.id);
    assert.equal((await theirs.item("1", "a").read()).resource.pk, "a");
    assert.equal((await theirs.items.query("SELECT * FROM c").fetchAll()).resources.length, 2);
    await refused(theirs.items.create({ id: "2", pk: "a" }), 403);
    await refused(theirs.item("1", "a").delete(), 403);
    const other = await database.containers.create({ id: "other", partitionKey: "/pk" });
    const trespassing = connect({ resourceTokens: { [other.container.url]: read._token } });
    await refused(trespassing.database(database.id).container("other").read(), 403);

    const all = await user.permission("read").replace({ id: "all", permissionMode: PermissionMode.All, resource: container.url });
    await refused(theirs.item("1", "a").read(), 403);
    const writer = connect({ permissionFeed: [all.resource] });
    await writer.database(database.id).container(container.id).items.create({ id: "2", pk: "a" });
    await user.permission("all").delete();
    await refused(writer.database(database.id).container(container.id).item("2", "a").delete(), 403);

    const keyed = await grant("keyed", PermissionMode.All, { resourcePartitionKey: ["a"] });
    const limited = connect({ resourceTokens: { [container.url]: keyed._token } });
    const part = limited.database(database.id).container(container.id);
    assert.equal((await part.item("1", "a").read()).statusCode, 200);
    await refused(part.item("1", "b").read(), 403);
    assert.equal((await user.delete()).statusCode, 204);
    await refused(part.item("1", "a").read(), 403);
    for (const client of [reader, trespassing, writer, limited]) client.dispose();
  });
