"""Where the store is, and how cases are run: each is a function, named after what has to be so."""

import os
import time
import traceback

from azure.cosmos import exceptions

ENDPOINT = os.environ["HEARTH_DOCUMENTS"]
KEY = os.environ["HEARTH_DOCUMENTS_KEY"]
READ_ONLY_KEY = os.environ["HEARTH_DOCUMENTS_READ_ONLY_KEY"]


def refused(status, call, *arguments, sub_status=None, **keywords):
    """The error of a call that has to fail with a status."""
    try:
        call(*arguments, **keywords)
    except exceptions.CosmosHttpResponseError as error:
        assert error.status_code == status, f"{error.status_code} instead of {status}: {error}"
        if sub_status is not None:
            assert error.sub_status == sub_status, f"sub-status {error.sub_status} instead of {sub_status}"
        return error
    raise AssertionError(f"the call was not refused with {status}")


def ids(rows):
    """The ids of rows, in order."""
    return [row["id"] for row in rows]


def run(cases):
    """Runs all cases and ends with an error when one of them fails."""
    failed = []
    for case in cases:
        begun = time.monotonic()
        try:
            case()
            print(f"ok {case.__name__} ({time.monotonic() - begun:.2f} s)")
        except Exception:
            failed.append(case.__name__)
            print(f"FAILED {case.__name__}\n{traceback.format_exc()}")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")
