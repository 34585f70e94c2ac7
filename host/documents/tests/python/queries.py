"""The client of PyPI, unmodified: queries over one range and over several, with pages, plans and mistakes."""

from azure.cosmos import CosmosClient, PartitionKey

from served import ENDPOINT, KEY, ids, refused, run

client = CosmosClient(ENDPOINT, KEY)
database = client.create_database_if_not_exists("queries")
ITEMS = [
    {"id": str(number), "pk": f"k{number % 5}", "n": number % 10, "f": number / 4, "s": f"name {number:02}", "tags": [number % 2, "t"]}
    for number in range(40)
]


def filled(name, throughput):
    made = database.create_container(name, PartitionKey("/pk"), offer_throughput=throughput)
    for item in ITEMS:
        made.create_item(item)
    return made


CONTAINERS = [filled("one", 400), filled("two", 12000)]


def ask(query, container, **keywords):
    return list(container.query_items(query, enable_cross_partition_query=True, **keywords))


def filters_find_items():
    for made in CONTAINERS:
        for query, expected in [
            ("SELECT * FROM c WHERE c.n = 3", [item["id"] for item in ITEMS if item["n"] == 3]),
            ("SELECT * FROM c WHERE c.n > 7 AND c.s < 'name 20'", [item["id"] for item in ITEMS if item["n"] > 7 and item["s"] < "name 20"]),
            ("SELECT * FROM c WHERE c.pk = 'k1' OR c.pk = 'k2'", [item["id"] for item in ITEMS if item["pk"] in ("k1", "k2")]),
            ("SELECT * FROM c WHERE STARTSWITH(c.s, 'name 3')", [item["id"] for item in ITEMS if item["s"].startswith("name 3")]),
            ("SELECT * FROM c WHERE c.s LIKE '%5'", [item["id"] for item in ITEMS if item["s"].endswith("5")]),
            ("SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, 1)", [item["id"] for item in ITEMS if 1 in item["tags"]]),
            ("SELECT * FROM c WHERE NOT IS_DEFINED(c.none)", [item["id"] for item in ITEMS]),
        ]:
            found = ids(ask(query, made))
            assert sorted(found) == sorted(expected), f"{made.id}: {query}: {found}"


def parameters_are_put_in():
    for made in CONTAINERS:
        parameters = [{"name": "@n", "value": 3}, {"name": "@list", "value": ["k3", None]}]
        found = ids(ask("SELECT * FROM c WHERE c.n = @n AND ARRAY_CONTAINS(@list, c.pk)", made, parameters=parameters))
        assert sorted(found) == sorted(item["id"] for item in ITEMS if item["n"] == 3 and item["pk"] == "k3"), found


def one_partition_key_needs_no_fan_out():
    for made in CONTAINERS:
        found = ids(made.query_items("SELECT * FROM c WHERE c.n >= 5 ORDER BY c.f DESC", partition_key="k1"))
        expected = sorted((item for item in ITEMS if item["pk"] == "k1" and item["n"] >= 5), key=lambda item: -item["f"])
        assert found == [item["id"] for item in expected], found


def rows_have_the_form_that_is_asked_for():
    for made in CONTAINERS:
        assert ask("SELECT c.n, c.s AS name FROM c WHERE c.id = '7'", made) == [{"n": 7, "name": "name 07"}]
        assert ask("SELECT VALUE c.s FROM c WHERE c.id = '7'", made) == ["name 07"]
        assert ask("SELECT VALUE {'id': c.id, 'tags': c.tags[0]} FROM c WHERE c.id = '7'", made) == [{"id": "7", "tags": 1}]


def rows_are_ordered_over_ranges():
    for made in CONTAINERS:
        assert ids(ask("SELECT * FROM c ORDER BY c.f", made)) == [item["id"] for item in ITEMS]
        assert ids(ask("SELECT * FROM c ORDER BY c.s DESC", made)) == [item["id"] for item in reversed(ITEMS)]
        assert ids(ask("SELECT TOP 5 c.id FROM c WHERE c.n < 5 ORDER BY c.f", made)) == ["0", "1", "2", "3", "4"]
        assert ids(ask("SELECT c.id FROM c ORDER BY c.f OFFSET 10 LIMIT 5", made)) == ["10", "11", "12", "13", "14"]
        numbers = [row["n"] for row in ask("SELECT c.n FROM c ORDER BY c.n", made, max_item_count=3)]
        assert numbers == sorted(item["n"] for item in ITEMS), numbers


def numbers_of_rows_are_bounded():
    for made in CONTAINERS:
        assert len(ask("SELECT TOP 7 * FROM c", made)) == 7
        assert len(ask("SELECT * FROM c OFFSET 35 LIMIT 10", made)) == 5
        assert sorted(ask("SELECT DISTINCT VALUE c.n FROM c", made)) == list(range(10))


def aggregates_count_everything():
    for made in CONTAINERS:
        assert ask("SELECT VALUE COUNT(1) FROM c", made) == [40]
        assert ask("SELECT VALUE SUM(c.n) FROM c", made) == [sum(item["n"] for item in ITEMS)]
        assert ask("SELECT VALUE MAX(c.s) FROM c WHERE c.n = 3", made) == ["name 33"]
        assert ask("SELECT VALUE MIN(c.f) FROM c", made) == [0]
        assert ask("SELECT VALUE AVG(c.n) FROM c", made) == [4.5]


def pages_go_on_where_they_ended():
    for made in CONTAINERS:
        for query, scope in [
            ("SELECT * FROM c", {"enable_cross_partition_query": True}),
            ("SELECT * FROM c WHERE c.n < 9", {"partition_key": "k1"}),
            ("SELECT * FROM c ORDER BY c.f DESC", {"partition_key": "k1"}),
        ]:
            whole = ids(made.query_items(query, **scope))
            token, found, pages = None, [], 0
            while True:
                page = made.query_items(query, max_item_count=3, **scope).by_page(token)
                found += ids(next(page))
                pages += 1
                token = page.continuation_token
                if not token:
                    break
            assert found == whole and pages >= len(whole) / 3, f"{query}: {found}"


def ranges_can_be_asked_one_by_one():
    for made in CONTAINERS:
        found = []
        for feed_range in made.read_feed_ranges():
            found += ids(made.query_items("SELECT * FROM c", feed_range=feed_range))
        assert sorted(found) == sorted(item["id"] for item in ITEMS), found
        feed_range = made.feed_range_from_partition_key("k2")
        assert {item["pk"] for item in made.query_items("SELECT * FROM c", feed_range=feed_range)} == {"k2"}


def mistakes_are_told():
    for made in CONTAINERS:
        error = refused(400, ask, "SELECT * FORM c", made)
        assert "SC1001" in str(error), error
        error = refused(400, ask, "SELECT * FROM c WHERE NO_SUCH(c.a)", made)
        assert "SC2005" in str(error), error
        error = refused(400, ask, "SELECT c.n, COUNT(1) AS count FROM c GROUP BY c.n", made)
        assert "not supported yet" in str(error), error
    made = CONTAINERS[0]
    page = made.query_items("SELECT * FROM c", max_item_count=3, partition_key="k1").by_page("nonsense")
    refused(400, next, page)


run([
    filters_find_items,
    parameters_are_put_in,
    one_partition_key_needs_no_fan_out,
    rows_have_the_form_that_is_asked_for,
    rows_are_ordered_over_ranges,
    numbers_of_rows_are_bounded,
    aggregates_count_everything,
    pages_go_on_where_they_ended,
    ranges_can_be_asked_one_by_one,
    mistakes_are_told,
])
client.delete_database(database)
