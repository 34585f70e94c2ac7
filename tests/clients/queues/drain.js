// Eight clients of @azure/storage-queue drain a queue together: each of HEARTH_MESSAGES messages is handled by one of them, once.
"use strict";
const assert = require("node:assert/strict");
const { QueueServiceClient } = require("@azure/storage-queue");

const count = Number(process.env.HEARTH_MESSAGES);
const client = () => QueueServiceClient.fromConnectionString(process.env.HEARTH_QUEUES).getQueueClient("drained");

async function put(queue, numbers) {
  for (let number = numbers.next(); !number.done; number = numbers.next()) {
    await queue.sendMessage(String(number.value));
  }
}

async function drain(queue, seen) {
  for (;;) {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 3600 });
    if (receivedMessageItems.length === 0) {
      return;
    }
    await Promise.all(receivedMessageItems.map(async (message) => {
      await queue.deleteMessage(message.messageId, message.popReceipt);
      seen.push(message.messageText);
    }));
  }
}

(async () => {
  const queue = client();
  await queue.create();
  const numbers = Array.from({ length: count }, (_, number) => number)[Symbol.iterator]();
  await Promise.all(Array.from({ length: 32 }, () => put(queue, numbers)));
  assert.equal((await queue.getProperties()).approximateMessagesCount, count);
  const seen = [];
  await Promise.all(Array.from({ length: 8 }, () => drain(client(), seen)));
  assert.equal(seen.length, count, "each once");
  assert.equal(new Set(seen).size, count, "and all of them");
  assert.equal((await queue.getProperties()).approximateMessagesCount, 0);
  await queue.delete();
  console.log(`drained ${count}`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
