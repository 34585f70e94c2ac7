"""The asynchronous client of PyPI, unmodified: many calls at once."""

import asyncio

from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from served import ENDPOINT, KEY


async def everything():
    async with CosmosClient(ENDPOINT, KEY) as client:
        database = await client.create_database_if_not_exists("asynchronous")
        made = await database.create_container("items", PartitionKey("/pk"), offer_throughput=12000)
        await asyncio.gather(*[made.create_item({"id": str(number), "pk": f"k{number % 9}", "n": number}) for number in range(100)])
        read = await asyncio.gather(*[made.read_item(str(number), f"k{number % 9}") for number in range(100)])
        assert [item["n"] for item in read] == list(range(100))
        ordered = [item["n"] async for item in made.query_items("SELECT * FROM c ORDER BY c.n DESC")]
        assert ordered == list(reversed(range(100))), ordered
        counted = [row async for row in made.query_items("SELECT VALUE COUNT(1) FROM c")]
        assert counted == [100], counted
        changed = [item["n"] async for item in made.query_items_change_feed(start_time="Beginning")]
        assert sorted(changed) == list(range(100))
        increments = [made.patch_item("0", "k0", [{"op": "incr", "path": "/n", "value": 1}]) for _ in range(20)]
        await asyncio.gather(*increments)
        assert (await made.read_item("0", "k0"))["n"] == 20, "no increment is lost"
        await made.delete_item("0", "k0")
        try:
            await made.read_item("0", "k0")
            raise AssertionError("the item is gone")
        except CosmosResourceNotFoundError:
            pass
        await client.delete_database(database)


asyncio.run(everything())
print("ok asynchronous")
