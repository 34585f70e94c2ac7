"""The client of PyPI, unmodified: accounts, databases, containers, items, paging, batch, patch, TTL, permissions."""

import time
import uuid

from azure.core import MatchConditions
from azure.cosmos import CosmosClient, PartitionKey, exceptions
from azure.cosmos.partition_key import NonePartitionKeyValue, NullPartitionKeyValue

from served import ENDPOINT, KEY, READ_ONLY_KEY, ids, refused, run

client = CosmosClient(ENDPOINT, KEY)
database = client.create_database_if_not_exists("operations")


def container(key="/pk", **keywords):
    """A container of its own for a case."""
    key = key if isinstance(key, PartitionKey) else PartitionKey(key)
    return database.create_container(f"c{uuid.uuid4().hex[:8]}", key, **keywords)


def the_account_says_where_it_is():
    account = client.get_database_account()
    assert account.ConsistencyPolicy["defaultConsistencyLevel"] == "Session", account.ConsistencyPolicy
    assert [place["databaseAccountEndpoint"] for place in account.WritableLocations] == [ENDPOINT]


def databases_come_and_go():
    made = client.create_database("come")
    assert made.read()["id"] == "come"
    refused(409, client.create_database, "come")
    assert client.create_database_if_not_exists("come").id == "come"
    assert "come" in ids(client.list_databases())
    query = "SELECT * FROM root r WHERE r.id = @id"
    assert ids(client.query_databases(query, parameters=[{"name": "@id", "value": "come"}])) == ["come"]
    client.delete_database("come")
    refused(404, client.get_database_client("come").read)
    refused(404, client.get_database_client("come").create_container, "orphan", PartitionKey("/pk"))


def containers_have_definitions():
    made = container(default_ttl=-1, unique_key_policy={"uniqueKeys": [{"paths": ["/email"]}]})
    read = made.read()
    assert read["partitionKey"] == {"paths": ["/pk"], "kind": "Hash", "version": 2}, read["partitionKey"]
    assert read["defaultTtl"] == -1
    assert read["indexingPolicy"]["includedPaths"][0]["path"] == "/*"
    changed = database.replace_container(made, PartitionKey("/pk"), default_ttl=30)
    assert changed.read()["defaultTtl"] == 30
    refused(400, database.replace_container, made, PartitionKey("/other"))
    assert made.id in ids(database.list_containers())
    rows = database.query_containers("SELECT * FROM c WHERE c.id = @id", parameters=[{"name": "@id", "value": made.id}])
    assert ids(rows) == [made.id]
    refused(409, database.create_container, made.id, PartitionKey("/pk"))
    database.delete_container(made)
    refused(404, made.read)


def throughput_is_an_offer():
    made = container(offer_throughput=12000)
    assert made.get_throughput().offer_throughput == 12000
    made.replace_throughput(11000)
    assert made.get_throughput().offer_throughput == 11000
    assert len(list(made.read_feed_ranges())) == 2, "ranges come by throughput"


def items_are_created_read_replaced_and_deleted():
    made = container()
    item = made.create_item({"id": "1", "pk": "a", "n": 1, "big": 9007199254740993, "text": "é\u2028\U0001f600"})
    assert item["_etag"] and item["_rid"] and item["_ts"] > 0
    read = made.read_item("1", "a")
    assert read == item and read["big"] == 9007199254740993, read
    refused(409, made.create_item, {"id": "1", "pk": "a"})
    refused(404, made.read_item, "1", "b")
    made.create_item({"id": "1", "pk": "b"})
    assert made.upsert_item({"id": "1", "pk": "a", "n": 2})["n"] == 2
    assert made.upsert_item({"id": "2", "pk": "a", "n": 3})["n"] == 3
    assert made.replace_item("1", {"id": "1", "pk": "a", "n": 4})["n"] == 4
    refused(404, made.replace_item, "9", {"id": "9", "pk": "a"})
    refused(400, made.replace_item, "1", {"id": "2", "pk": "a"})
    made.delete_item("1", "a")
    refused(404, made.delete_item, "1", "a")
    generated = made.create_item({"pk": "a"}, enable_automatic_id_generation=True)
    assert made.read_item(generated["id"], "a")["pk"] == "a"


def etags_guard_items():
    made = container()
    first = made.create_item({"id": "1", "pk": "a", "n": 1})
    second = made.replace_item("1", {"id": "1", "pk": "a", "n": 2}, etag=first["_etag"], match_condition=MatchConditions.IfNotModified)
    assert second["_etag"] != first["_etag"]
    stale = {"etag": first["_etag"], "match_condition": MatchConditions.IfNotModified}
    refused(412, made.replace_item, "1", {"id": "1", "pk": "a"}, **stale)
    refused(412, made.upsert_item, {"id": "1", "pk": "a"}, **stale)
    refused(412, made.delete_item, "1", "a", **stale)
    same = {"etag": second["_etag"], "match_condition": MatchConditions.IfModified}
    assert "id" not in (made.read_item("1", "a", **same) or {}), "what is known already is not sent again"
    made.delete_item("1", "a", etag=second["_etag"], match_condition=MatchConditions.IfNotModified)


def ids_and_keys_may_be_anything():
    made = container()
    for id in ["a b", "plus+plus", "100%", "it's \"quoted\"", "\U0001f600 日本", "~!@$&*()=:,;.", "x" * 255]:
        made.create_item({"id": id, "pk": id})
        assert made.read_item(id, id)["id"] == id
        made.delete_item(id, id)
    for key in ["", "é", "\n", 0, 1, -1.5, 1e300, True, False]:
        made.create_item({"id": "typed", "pk": key})
        assert made.read_item("typed", key)["pk"] == key
    made.create_item({"id": "none"})
    assert made.read_item("none", NonePartitionKeyValue)["id"] == "none"
    made.create_item({"id": "null", "pk": None})
    assert made.read_item("null", NullPartitionKeyValue)["id"] == "null"
    refused(404, made.read_item, "null", NonePartitionKeyValue)
    for id in ["a/b", "a\\b", "a?b", "a#b"]:
        try:
            made.create_item({"id": id, "pk": "a"})
        except (exceptions.CosmosHttpResponseError, ValueError):
            continue
        raise AssertionError(f"the id {id} has a forbidden character")


def keys_may_have_levels():
    made = container(PartitionKey(["/tenant", "/user", "/session"], kind="MultiHash"), offer_throughput=12000)
    for tenant in "ab":
        for user in "xy":
            for session in [1, 2]:
                made.create_item({"id": f"{tenant}{user}{session}", "tenant": tenant, "user": user, "session": session})
    assert made.read_item("ax1", ["a", "x", 1])["id"] == "ax1"
    assert sorted(ids(made.query_items("SELECT * FROM c", partition_key=["a", "x", 1]))) == ["ax1"]
    assert sorted(ids(made.query_items("SELECT * FROM c", partition_key=["a", "x"]))) == ["ax1", "ax2"]
    assert sorted(ids(made.query_items("SELECT * FROM c", partition_key=["b"]))) == ["bx1", "bx2", "by1", "by2"]
    made.delete_item("ax1", ["a", "x", 1])
    assert len(list(made.read_all_items())) == 7


def unique_keys_hold_inside_a_partition_key():
    made = container(unique_key_policy={"uniqueKeys": [{"paths": ["/email"]}]})
    made.create_item({"id": "1", "pk": "a", "email": "x"})
    refused(409, made.create_item, {"id": "2", "pk": "a", "email": "x"})
    made.create_item({"id": "2", "pk": "b", "email": "x"})
    made.delete_item("1", "a")
    made.create_item({"id": "3", "pk": "a", "email": "x"})


def lists_come_in_pages():
    made = container(offer_throughput=12000)
    for number in range(25):
        made.create_item({"id": str(number), "pk": f"k{number % 7}"})
    pages = list(made.read_all_items(max_item_count=10).by_page())
    found = [row["id"] for page in pages for row in page]
    assert sorted(found, key=int) == [str(number) for number in range(25)], found
    first = made.read_all_items(max_item_count=10).by_page()
    begin = ids(next(first))
    rest = [row["id"] for page in made.read_all_items(max_item_count=10).by_page(first.continuation_token) for row in page]
    assert len(begin) <= 10 and sorted(begin + rest, key=int) == [str(number) for number in range(25)]


def several_items_are_read_at_once():
    made = container(offer_throughput=12000)
    for number in range(12):
        made.create_item({"id": str(number), "pk": f"k{number % 3}"})
    wanted = [(str(number), f"k{number % 3}") for number in range(0, 12, 2)]
    found = made.read_items([*wanted, ("missing", "k1")])
    assert sorted(ids(found), key=int) == ["0", "2", "4", "6", "8", "10"], found


def patches_change_parts():
    made = container()
    made.create_item({"id": "1", "pk": "a", "n": 1, "list": [1, 3], "gone": True, "from": "x"})
    patched = made.patch_item("1", "a", [
        {"op": "add", "path": "/new", "value": {"deep": 1}},
        {"op": "set", "path": "/n", "value": 5},
        {"op": "incr", "path": "/n", "value": 2},
        {"op": "add", "path": "/list/1", "value": 2},
        {"op": "add", "path": "/list/-", "value": 4},
        {"op": "remove", "path": "/gone"},
        {"op": "replace", "path": "/new/deep", "value": 2},
        {"op": "move", "from": "/from", "path": "/to"},
    ])
    own = {name: value for name, value in patched.items() if not name.startswith("_")}
    assert own == {"id": "1", "pk": "a", "n": 7, "list": [1, 2, 3, 4], "new": {"deep": 2}, "to": "x"}, own
    patched = made.patch_item("1", "a", [{"op": "incr", "path": "/n", "value": 1}], filter_predicate="from c where c.n = 7")
    assert patched["n"] == 8
    operation = [{"op": "incr", "path": "/n", "value": 1}]
    refused(412, made.patch_item, "1", "a", operation, filter_predicate="from c where c.n = 7")
    refused(404, made.patch_item, "9", "a", operation)
    for wrong in [
        [{"op": "remove", "path": "/missing"}],
        [{"op": "incr", "path": "/to", "value": 1}],
        [{"op": "set", "path": "/id", "value": "2"}],
        [{"op": "set", "path": "/pk", "value": "b"}],
        [{"op": "set", "path": f"/p{number}", "value": 1} for number in range(11)],
    ]:
        refused(400, made.patch_item, "1", "a", wrong)
    assert made.read_item("1", "a")["n"] == 8


def batches_are_all_or_nothing():
    made = container()
    made.create_item({"id": "0", "pk": "a", "n": 0})
    results = made.execute_item_batch([
        ("create", ({"id": "1", "pk": "a"},)),
        ("upsert", ({"id": "2", "pk": "a"},)),
        ("read", ("1",)),
        ("replace", ("0", {"id": "0", "pk": "a", "n": 1})),
        ("patch", ("0", [{"op": "incr", "path": "/n", "value": 1}])),
        ("delete", ("2",)),
    ], partition_key="a")
    assert [result["statusCode"] for result in results] == [201, 201, 200, 200, 200, 204], results
    assert results[2]["resourceBody"]["id"] == "1", "a read sees what was written before it"
    assert results[4]["resourceBody"]["n"] == 2
    try:
        made.execute_item_batch([("create", ({"id": "3", "pk": "a"},)), ("create", ({"id": "1", "pk": "a"},)), ("read", ("0",))], "a")
        raise AssertionError("the batch cannot succeed")
    except exceptions.CosmosBatchOperationError as error:
        assert error.error_index == 1 and error.status_code == 409, error
        assert [result["statusCode"] for result in error.operation_responses] == [424, 409, 424]
    refused(404, made.read_item, "3", "a")
    refused(400, made.execute_item_batch, [], "a")
    too_many = [("upsert", ({"id": str(number), "pk": "a"},)) for number in range(101)]
    refused(400, made.execute_item_batch, too_many, "a")


def items_expire():
    made = container(default_ttl=-1)
    made.create_item({"id": "short", "pk": "a", "ttl": 1})
    made.create_item({"id": "long", "pk": "a"})
    for _ in range(100):
        if not list(made.query_items("SELECT * FROM c WHERE c.id = 'short'", partition_key="a")):
            break
        # Seconds of the store's own clock have to pass.
        time.sleep(0.1)
    refused(404, made.read_item, "short", "a")
    assert ids(made.read_all_items()) == ["long"]
    made.create_item({"id": "short", "pk": "a"})
    refused(400, made.create_item, {"id": "wrong", "pk": "a", "ttl": 0})


def users_have_permissions():
    made, other = container(), container()
    made.create_item({"id": "1", "pk": "a"})
    user = database.create_user({"id": "reader"})
    assert ids(database.list_users()) == ["reader"]
    permission = user.create_permission({"id": "read", "permissionMode": "Read", "resource": made.container_link})
    token = permission.properties["_token"]
    limited = CosmosClient(ENDPOINT, {made.container_link: token}).get_database_client(database.id)
    assert limited.get_container_client(made.id).read_item("1", "a")["id"] == "1"
    refused(403, limited.get_container_client(made.id).create_item, {"id": "2", "pk": "a"})
    assert user.get_permission("read").properties["_token"]
    user.replace_permission("read", {"id": "read", "permissionMode": "All", "resource": made.container_link})
    token = user.get_permission("read").properties["_token"]
    writer = CosmosClient(ENDPOINT, {made.container_link: token}).get_database_client(database.id)
    writer.get_container_client(made.id).create_item({"id": "2", "pk": "a"})
    foreign = CosmosClient(ENDPOINT, {other.container_link: token}).get_database_client(database.id)
    refused(403, foreign.get_container_client(other.id).read_item, "1", "a")
    user.delete_permission("read")
    # Clients look for a newer token when they are refused, so the refusal comes after their retries.
    error = refused_any(writer.get_container_client(made.id).read_item, "1", "a")
    assert error.status_code in (401, 403), error
    database.delete_user("reader")


def refused_any(call, *arguments):
    try:
        call(*arguments)
    except exceptions.CosmosHttpResponseError as error:
        return error
    raise AssertionError("the call was not refused")


def keys_say_who_may_write():
    made = container()
    reader = CosmosClient(ENDPOINT, READ_ONLY_KEY).get_database_client(database.id).get_container_client(made.id)
    assert list(reader.read_all_items()) == []
    assert list(reader.query_items("SELECT * FROM c", enable_cross_partition_query=True)) == []
    refused(403, reader.create_item, {"id": "1", "pk": "a"})
    wrong = KEY[:10] + ("A" if KEY[10] != "A" else "B") + KEY[11:]
    assert refused_any(CosmosClient, ENDPOINT, wrong).status_code == 401


def scripts_are_kept():
    made = container()
    made.scripts.create_stored_procedure({"id": "proc", "body": "function () { return 1; }"})
    assert ids(made.scripts.list_stored_procedures()) == ["proc"]
    made.scripts.replace_stored_procedure("proc", {"id": "proc", "body": "function () { return 2; }"})
    assert made.scripts.get_stored_procedure("proc")["body"] == "function () { return 2; }"
    made.scripts.delete_stored_procedure("proc")
    made.scripts.create_trigger({"id": "t", "body": "function () {}", "triggerType": "Pre", "triggerOperation": "All"})
    assert made.scripts.get_trigger("t")["triggerType"] == "Pre"
    made.scripts.create_user_defined_function({"id": "u", "body": "function () {}"})
    assert ids(made.scripts.list_user_defined_functions()) == ["u"]
    assert list(made.list_conflicts()) == []


run([
    the_account_says_where_it_is,
    databases_come_and_go,
    containers_have_definitions,
    throughput_is_an_offer,
    items_are_created_read_replaced_and_deleted,
    etags_guard_items,
    ids_and_keys_may_be_anything,
    keys_may_have_levels,
    unique_keys_hold_inside_a_partition_key,
    lists_come_in_pages,
    several_items_are_read_at_once,
    patches_change_parts,
    batches_are_all_or_nothing,
    items_expire,
    users_have_permissions,
    keys_say_who_may_write,
    scripts_are_kept,
])
client.delete_database(database)
