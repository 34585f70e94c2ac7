// Every operation of @azure/storage-queue against the service whose connection string is in HEARTH_QUEUES.
"use strict";
const assert = require("node:assert/strict");
const {
  AccountSASPermissions, QueueClient, QueueSASPermissions, QueueServiceClient, StorageSharedKeyCredential,
} = require("@azure/storage-queue");

const text = process.env.HEARTH_QUEUES;
const options = { retryOptions: { maxTries: 1 } };
const service = QueueServiceClient.fromConnectionString(text, options);
const inAnHour = new Date(Date.now() + 3_600_000);

/** Expects a refusal with this status and code. */
async function refused(promise, status, code) {
  const error = await promise.then(() => assert.fail(`expected ${code}`), (error) => error);
  assert.equal(`${error.statusCode} ${error.code ?? error.details?.errorCode}`, `${status} ${code}`, error.message);
}

async function queues() {
  for (const name of ["js-a", "js-b", "js-c"]) {
    assert.equal((await service.createQueue(name, { metadata: { owner: "js", kind: name } }))._response.status, 201);
  }
  assert.equal((await service.createQueue("js-a", { metadata: { owner: "js", kind: "js-a" } }))._response.status, 204);
  await refused(service.createQueue("js-a", { metadata: { owner: "other" } }), 409, "QueueAlreadyExists");
  await refused(service.createQueue("js--bad"), 400, "InvalidResourceName");
  await refused(service.createQueue("Upper"), 400, "InvalidResourceName");
  const listed = [];
  for await (const page of service.listQueues({ prefix: "js-", includeMetadata: true }).byPage({ maxPageSize: 2 })) {
    assert.ok(page.queueItems.length <= 2);
    listed.push(...page.queueItems.map((queue) => `${queue.name} ${queue.metadata.kind}`));
  }
  assert.deepEqual(listed, ["js-a js-a", "js-b js-b", "js-c js-c"]);
  const queue = service.getQueueClient("js-a");
  assert.equal(await queue.exists(), true);
  assert.equal((await queue.createIfNotExists()).succeeded, false);
  await queue.setMetadata({ team: "blue", note: "a b=c" });
  const properties = await queue.getProperties();
  assert.deepEqual(properties.metadata, { team: "blue", note: "a b=c" });
  assert.equal(properties.approximateMessagesCount, 0);
  assert.match(properties.requestId, /^[0-9a-f-]{36}$/);
  assert.ok(properties.date instanceof Date && properties.version);
  const identifier = {
    id: "workers",
    accessPolicy: { startsOn: new Date("2026-01-01T00:00:00Z"), expiresOn: inAnHour, permissions: "raup" },
  };
  await queue.setAccessPolicy([identifier]);
  const [kept] = (await queue.getAccessPolicy()).signedIdentifiers;
  assert.equal(kept.id, "workers");
  assert.equal(kept.accessPolicy.permissions, "raup");
  assert.equal(+kept.accessPolicy.expiresOn, +inAnHour);
  await service.deleteQueue("js-b");
  await refused(service.deleteQueue("js-b"), 404, "QueueNotFound");
  assert.equal((await service.getQueueClient("js-b").deleteIfExists()).succeeded, false);
  assert.equal(await service.getQueueClient("js-b").exists(), false);
}

async function properties() {
  const before = await service.getProperties();
  assert.equal(before.hourMetrics.enabled, false);
  const rule = {
    allowedOrigins: "https://a.example", allowedMethods: "GET,PUT", allowedHeaders: "x-ms-*", exposedHeaders: "*",
    maxAgeInSeconds: 5,
  };
  await service.setProperties({ ...before, cors: [rule] });
  assert.deepEqual((await service.getProperties()).cors, [rule]);
  await service.setProperties({ ...before, cors: [] });
  assert.equal((await service.getStatistics()).geoReplication.status, "live");
}

async function messages() {
  const queue = service.getQueueClient("js-a");
  // Ends of lines are left out: this client drops them before it sends.
  for (const text of ["plain", "", " spaces ", "<a href=\"x\">&amp;</a>", "ü \u{1f600} 日本", "tab\ttab", "]]>"]) {
    const sent = await queue.sendMessage(text, { messageTimeToLive: 60 });
    assert.ok(sent.expiresOn - sent.insertedOn === 60_000 && sent.popReceipt);
    const [peeked] = (await queue.peekMessages()).peekedMessageItems;
    assert.equal(peeked.messageText, text);
    assert.equal(peeked.dequeueCount, 0);
    const [got] = (await queue.receiveMessages({ visibilityTimeout: 60 })).receivedMessageItems;
    assert.equal(got.messageText, text);
    assert.equal(got.messageId, sent.messageId);
    assert.equal(got.dequeueCount, 1);
    await refused(queue.deleteMessage(got.messageId, sent.popReceipt), 400, "PopReceiptMismatch");
    await queue.deleteMessage(got.messageId, got.popReceipt);
    await refused(queue.deleteMessage(got.messageId, got.popReceipt), 404, "MessageNotFound");
  }
  const sent = await queue.sendMessage("first", { messageTimeToLive: -1 });
  assert.equal(sent.expiresOn.getUTCFullYear(), 9999);
  assert.equal((await queue.receiveMessages()).receivedMessageItems.length, 1);
  assert.equal((await queue.receiveMessages()).receivedMessageItems.length, 0);
  const again = await queue.sendMessage("second", { visibilityTimeout: 1 });
  assert.equal((await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.length, 0);
  const updated = await queue.updateMessage(again.messageId, again.popReceipt, "changed", 0);
  assert.ok(updated.popReceipt && updated.nextVisibleOn);
  await refused(queue.updateMessage(again.messageId, again.popReceipt, "x", 0), 400, "PopReceiptMismatch");
  assert.equal((await queue.peekMessages()).peekedMessageItems[0].messageText, "changed");
  const extended = await queue.updateMessage(again.messageId, updated.popReceipt, undefined, 30);
  assert.equal((await queue.peekMessages()).peekedMessageItems.length, 0);
  await queue.deleteMessage(again.messageId, extended.popReceipt);
  assert.equal((await queue.getProperties()).approximateMessagesCount, 1);
  await queue.clearMessages();
  assert.equal((await queue.getProperties()).approximateMessagesCount, 0);

  const largest = "x".repeat(64 * 1024);
  await queue.sendMessage(largest);
  assert.equal((await queue.receiveMessages()).receivedMessageItems[0].messageText, largest);
  await queue.sendMessage("<".repeat(64 * 1024));
  await refused(queue.sendMessage(largest + "x"), 400, "MessageTooLarge");
  await refused(queue.sendMessage("\u0001"), 400, "OutOfRangeInput");
  await refused(queue.receiveMessages({ numberOfMessages: 33 }), 400, "OutOfRangeQueryParameterValue");
  await refused(queue.receiveMessages({ visibilityTimeout: 604801 }), 400, "OutOfRangeQueryParameterValue");
  await refused(queue.sendMessage("x", { visibilityTimeout: 9, messageTimeToLive: 9 }), 400, "OutOfRangeQueryParameterValue");
  await refused(service.getQueueClient("js-none").sendMessage("x"), 404, "QueueNotFound");
  await queue.clearMessages();
}

async function signatures() {
  const queue = service.getQueueClient("js-a");
  const of = (url) => new QueueClient(url, undefined, options);
  const adds = of(queue.generateSasUrl({ expiresOn: inAnHour, permissions: QueueSASPermissions.parse("a") }));
  await adds.sendMessage("by signature");
  await refused(adds.receiveMessages(), 403, "AuthorizationPermissionMismatch");
  await refused(adds.getAccessPolicy(), 403, "AuthorizationFailure");
  const worker = of(queue.generateSasUrl({ identifier: "workers" }));
  assert.equal((await worker.receiveMessages()).receivedMessageItems[0].messageText, "by signature");
  await refused(of(queue.generateSasUrl({ identifier: "nobody" })).receiveMessages(), 403, "AuthenticationFailed");
  const ended = queue.generateSasUrl({ expiresOn: new Date(Date.now() - 1000), permissions: QueueSASPermissions.parse("a") });
  await refused(of(ended).sendMessage("x"), 403, "AuthenticationFailed");
  await refused(of(ended.replace(/sig=[^&]*/, "sig=AAAA")).sendMessage("x"), 403, "AuthenticationFailed");
  const all = service.generateAccountSasUrl(inAnHour, AccountSASPermissions.parse("rwdlacup"), "sco");
  const account = new QueueServiceClient(all, undefined, options);
  await account.createQueue("js-sas");
  await account.getQueueClient("js-sas").sendMessage("x");
  await account.getProperties();
  await account.deleteQueue("js-sas");
  const lists = service.generateAccountSasUrl(inAnHour, AccountSASPermissions.parse("l"), "s");
  const lister = new QueueServiceClient(lists, undefined, options);
  assert.ok((await lister.listQueues().next()).value.name);
  await refused(lister.createQueue("js-no"), 403, "AuthorizationResourceTypeMismatch");

  const wrong = new StorageSharedKeyCredential(service.accountName, Buffer.from("wrong").toString("base64"));
  await refused(new QueueClient(queue.url, wrong, options).getProperties(), 403, "AuthenticationFailed");
  await refused(new QueueClient(queue.url, undefined, options).getProperties(), 403, "AuthenticationFailed");
}

(async () => {
  for (const part of [queues, properties, messages, signatures]) {
    await part();
    console.log(`${part.name}: done`);
  }
  for (const name of ["js-a", "js-c"]) {
    await service.deleteQueue(name);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
