"""No request, however odd, is answered by an error of the robot's own."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.asgi_call import ask
from tests.kiosk_desk import FakeDesk, depot_map, page_languages

from patrol_hri.kiosk.app import create_app
from patrol_hri.kiosk.params import KioskParams

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
requests = st.fixed_dictionaries(
    {
        "text": json_values | st.text(max_size=600), "after": json_values,
        "language": json_values | st.sampled_from(["en", "xx"]),
        "front_end": json_values | st.just("phone"), "number": json_values,
    },
)  # fmt: skip
PARAMS = KioskParams(client_turns_burst=1000, client_requests_burst=1000)
FUZZED = create_app(FakeDesk(), page_languages(), depot_map(), PARAMS, lambda: 1.0)


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from(["/api/open", "/api/say", "/api/speak", "/api/leave"]),
    body=st.binary(max_size=60) | requests.map(lambda value: json.dumps(value).encode()),
    session=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=150)
    | st.just("session-0"),
    query=st.text(max_size=20),
)
def test_no_request_breaks_it(path: str, body: bytes, session: str, query: str) -> None:
    headers = {"content-type": "application/json", "authorization": f"Bearer {session}"}
    answer = ask(FUZZED, "POST", path, body, headers=headers, query=query)
    assert answer.status < 500
    if answer.status >= 400:
        assert set(answer.json()) == {"error"}
