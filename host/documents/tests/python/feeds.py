"""The client of PyPI, unmodified: change feeds of both kinds, from everywhere they can begin."""

import uuid

from azure.cosmos import CosmosClient, PartitionKey

from served import ENDPOINT, KEY, ids, refused, run

client = CosmosClient(ENDPOINT, KEY)
database = client.create_database_if_not_exists("feeds")


def container(**keywords):
    return database.create_container(f"c{uuid.uuid4().hex[:8]}", PartitionKey("/pk"), **keywords)


def changes(made, **keywords):
    """All pages of a feed, and what to go on with."""
    found = []
    feed = made.query_items_change_feed(**keywords)
    for row in feed:
        found.append(row)
    return found, made.client_connection.last_response_headers["etag"]


def changes_come_in_order_once():
    made = container()
    for number in range(10):
        made.create_item({"id": str(number), "pk": "a", "n": 0})
    made.replace_item("3", {"id": "3", "pk": "a", "n": 1})
    made.delete_item("5", "a")
    found, token = changes(made, start_time="Beginning", max_item_count=4)
    assert ids(found) == ["0", "1", "2", "4", "6", "7", "8", "9", "3"], ids(found)
    assert found[-1]["n"] == 1 and found[-1]["_lsn"] > found[0]["_lsn"]
    found, token = changes(made, continuation=token)
    assert found == []
    made.create_item({"id": "new", "pk": "a"})
    found, token = changes(made, continuation=token)
    assert ids(found) == ["new"], found


def a_feed_may_begin_now():
    made = container()
    made.create_item({"id": "before", "pk": "a"})
    found, token = changes(made, start_time="Now")
    assert found == []
    made.create_item({"id": "after", "pk": "a"})
    found, token = changes(made, continuation=token)
    assert ids(found) == ["after"], found


def feeds_of_ranges_and_keys():
    made = container(offer_throughput=12000)
    for number in range(30):
        made.create_item({"id": str(number), "pk": f"k{number % 6}"})
    found, parts = [], list(made.read_feed_ranges())
    assert len(parts) == 2
    for feed_range in parts:
        part, _ = changes(made, feed_range=feed_range, start_time="Beginning")
        assert part, "each range has some of it"
        found += ids(part)
    assert sorted(found, key=int) == [str(number) for number in range(30)]
    found, token = changes(made, partition_key="k2", start_time="Beginning")
    assert ids(found) == ["2", "8", "14", "20", "26"], ids(found)
    made.upsert_item({"id": "2", "pk": "k2"})
    made.upsert_item({"id": "3", "pk": "k3"})
    found, _ = changes(made, continuation=token)
    assert ids(found) == ["2"], found
    whole, _ = changes(made, start_time="Beginning")
    assert len(whole) == 30


def all_versions_and_deletes():
    made = container(change_feed_policy={"retentionDuration": 10})
    _, token = changes(made, mode="AllVersionsAndDeletes", start_time="Now")
    made.create_item({"id": "1", "pk": "a", "n": 1})
    made.replace_item("1", {"id": "1", "pk": "a", "n": 2})
    made.delete_item("1", "a")
    found, _ = changes(made, continuation=token)
    assert [row["metadata"]["operationType"] for row in found] == ["create", "replace", "delete"], found
    assert [row["current"].get("n") for row in found] == [1, 2, None], found
    assert found[1]["metadata"]["previousImageLSN"] == found[0]["metadata"]["lsn"]
    assert found[2]["metadata"]["id"] == "1" and found[2]["metadata"]["partitionKey"] == {"pk": "a"}


def only_containers_that_keep_versions_have_them():
    made = container()
    refused(400, list, made.query_items_change_feed(mode="AllVersionsAndDeletes", start_time="Now"))


run([
    changes_come_in_order_once,
    a_feed_may_begin_now,
    feeds_of_ranges_and_keys,
    all_versions_and_deletes,
    only_containers_that_keep_versions_have_them,
])
client.delete_database(database)
