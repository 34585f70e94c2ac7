"""Every operation of azure-storage-queue against the service whose connection string is in HEARTH_QUEUES."""

import os
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError
from azure.storage.queue import (
    AccessPolicy,
    AccountSasPermissions,
    BinaryBase64DecodePolicy,
    BinaryBase64EncodePolicy,
    CorsRule,
    QueueClient,
    QueueSasPermissions,
    QueueServiceClient,
    ResourceTypes,
    TextBase64DecodePolicy,
    TextBase64EncodePolicy,
    generate_account_sas,
    generate_queue_sas,
)

CONNECTION = os.environ["HEARTH_QUEUES"]
SERVICE = QueueServiceClient.from_connection_string(CONNECTION, retry_total=0)
KEY = SERVICE.credential.account_key
IN_AN_HOUR = datetime.now(timezone.utc) + timedelta(hours=1)


def refused(call, status, code):
    """Expects a refusal with this status and code."""
    try:
        call()
    except HttpResponseError as error:
        found = getattr(error.error_code, "value", error.error_code)
        assert (error.status_code, found) == (status, code), f"{error.status_code} {found}: {error}"
    else:
        raise AssertionError(f"expected {code}")


def queues():
    for name in ["py-a", "py-b", "py-c"]:
        SERVICE.create_queue(name, metadata={"owner": "py", "kind": name})
    refused(lambda: SERVICE.create_queue("py-a", metadata={"owner": "other"}), 409, "QueueAlreadyExists")
    refused(lambda: SERVICE.create_queue("py_a"), 400, "InvalidResourceName")
    listed = [(q.name, q.metadata["kind"]) for q in SERVICE.list_queues("py-", include_metadata=True, results_per_page=2)]
    assert listed == [(name, name) for name in ["py-a", "py-b", "py-c"]], listed
    queue = SERVICE.get_queue_client("py-a")
    queue.set_queue_metadata({"team": "blue", "note": "a b=c"})
    properties = queue.get_queue_properties()
    assert properties.metadata == {"team": "blue", "note": "a b=c"}, properties.metadata
    assert properties.approximate_message_count == 0
    policy = AccessPolicy(permission=QueueSasPermissions(read=True, process=True), expiry=IN_AN_HOUR)
    queue.set_queue_access_policy({"workers": policy})
    assert queue.get_queue_access_policy()["workers"].permission == "rp"
    SERVICE.delete_queue("py-b")
    refused(lambda: SERVICE.delete_queue("py-b"), 404, "QueueNotFound")
    refused(lambda: SERVICE.get_queue_client("py-b").get_queue_properties(), 404, "QueueNotFound")


def properties():
    before = SERVICE.get_service_properties()
    assert before["hour_metrics"].enabled is False
    rule = CorsRule(["https://a.example"], ["GET", "PUT"], max_age_in_seconds=5, allowed_headers=["x-ms-*"])
    SERVICE.set_service_properties(cors=[rule])
    after = SERVICE.get_service_properties()
    assert after["cors"][0].allowed_origins == "https://a.example", after["cors"][0]
    assert after["analytics_logging"].read is False
    SERVICE.set_service_properties(cors=[])
    assert SERVICE.get_service_properties()["cors"] == []
    # The client asks a second place for these; there is none but the first.
    place = SERVICE.primary_hostname.split("/")[0]
    stats = QueueServiceClient.from_connection_string(CONNECTION, secondary_hostname=place, retry_total=0)
    assert stats.get_service_stats()["geo_replication"]["status"] == "live"


def messages():
    queue = SERVICE.get_queue_client("py-a")
    for text in ["plain", " spaces ", '<a href="x">&amp;</a>', "ü \U0001f600 日本", "line\nline\ttab", "]]>"]:
        sent = queue.send_message(text, time_to_live=60)
        assert (sent.expires_on - sent.inserted_on).total_seconds() == 60
        peeked = queue.peek_messages()[0]
        assert (peeked.content, peeked.dequeue_count) == (text, 0), peeked.content
        got = queue.receive_message(visibility_timeout=60)
        assert (got.id, got.content, got.dequeue_count) == (sent.id, text, 1)
        refused(lambda: queue.delete_message(sent.id, sent.pop_receipt), 400, "PopReceiptMismatch")
        queue.delete_message(got)
        refused(lambda: queue.delete_message(got), 404, "MessageNotFound")
    assert queue.receive_message() is None
    forever = queue.send_message("for ever", time_to_live=-1)
    assert forever.expires_on.year == 9999
    hidden = queue.send_message("hidden", visibility_timeout=60)
    assert [m.content for m in queue.peek_messages(32)] == ["for ever"]
    updated = queue.update_message(hidden, visibility_timeout=0, content="changed")
    assert sorted(m.content for m in queue.peek_messages(32)) == ["changed", "for ever"]
    refused(lambda: queue.update_message(hidden, visibility_timeout=0), 400, "PopReceiptMismatch")
    queue.delete_message(updated.id, updated.pop_receipt)
    assert queue.get_queue_properties().approximate_message_count == 1
    queue.clear_messages()
    assert queue.get_queue_properties().approximate_message_count == 0
    for number in range(40):
        queue.send_message(str(number))
    pages = queue.receive_messages(messages_per_page=32, visibility_timeout=60)
    assert sorted(int(message.content) for message in pages) == list(range(40))
    queue.clear_messages()

    largest = "x" * 64 * 1024
    queue.send_message(largest)
    assert queue.receive_message().content == largest
    refused(lambda: queue.send_message(largest + "x"), 400, "MessageTooLarge")
    refused(lambda: queue.send_message("x", visibility_timeout=9, time_to_live=9), 400, "OutOfRangeQueryParameterValue")
    refused(lambda: SERVICE.get_queue_client("py-none").send_message("x"), 404, "QueueNotFound")
    queue.clear_messages()
    encoded = QueueClient.from_connection_string(
        CONNECTION, "py-a", message_encode_policy=TextBase64EncodePolicy(), message_decode_policy=TextBase64DecodePolicy()
    )
    encoded.send_message("ü\0\x01")
    assert encoded.receive_message().content == "ü\0\x01"
    binary = QueueClient.from_connection_string(
        CONNECTION, "py-a", message_encode_policy=BinaryBase64EncodePolicy(), message_decode_policy=BinaryBase64DecodePolicy()
    )
    binary.send_message(bytes(range(256)))
    assert binary.receive_message().content == bytes(range(256))
    queue.clear_messages()


def signatures():
    queue = SERVICE.get_queue_client("py-a")

    def of(sas):
        return QueueClient(SERVICE.url, "py-a", credential=sas, retry_total=0)

    place = (SERVICE.account_name, "py-a", KEY)
    adds = of(generate_queue_sas(*place, permission=QueueSasPermissions(add=True), expiry=IN_AN_HOUR))
    adds.send_message("by signature")
    refused(adds.receive_message, 403, "AuthorizationPermissionMismatch")
    worker = of(generate_queue_sas(*place, policy_id="workers"))
    assert worker.receive_message().content == "by signature"
    assert worker.get_queue_properties().name == "py-a"
    refused(lambda: of(generate_queue_sas(*place, policy_id="nobody")).receive_message(), 403, "AuthenticationFailed")
    start = datetime.now(timezone.utc) + timedelta(minutes=30)
    early = generate_queue_sas(*place, permission="r", expiry=IN_AN_HOUR, start=start)
    refused(of(early).get_queue_properties, 403, "AuthenticationFailed")
    elsewhere = generate_queue_sas(*place, permission="r", expiry=IN_AN_HOUR, ip="203.0.113.9")
    refused(of(elsewhere).get_queue_properties, 403, "AuthorizationSourceIPMismatch")
    secure = generate_queue_sas(*place, permission="r", expiry=IN_AN_HOUR, protocol="https")
    refused(of(secure).get_queue_properties, 403, "AuthorizationProtocolMismatch")
    account = generate_account_sas(
        SERVICE.account_name, KEY, ResourceTypes(service=True, container=True), AccountSasPermissions(list=True, write=True), IN_AN_HOUR
    )
    lister = QueueServiceClient(SERVICE.url, credential=account, retry_total=0)
    assert "py-a" in [found.name for found in lister.list_queues()]
    lister.create_queue("py-sas")
    refused(lambda: lister.delete_queue("py-sas"), 403, "AuthorizationPermissionMismatch")
    refused(lambda: lister.get_queue_client("py-sas").send_message("x"), 403, "AuthorizationResourceTypeMismatch")
    SERVICE.delete_queue("py-sas")
    wrong = QueueClient(SERVICE.url, "py-a", credential={"account_name": SERVICE.account_name, "account_key": "d3Jvbmc="}, retry_total=0)
    refused(wrong.get_queue_properties, 403, "AuthenticationFailed")
    queue.clear_messages()


for part in [queues, properties, messages, signatures]:
    part()
    print(f"{part.__name__}: done")
for name in ["py-a", "py-c"]:
    SERVICE.delete_queue(name)
