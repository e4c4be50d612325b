"""The inbox through HTTP, on real records with a real recorder behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.console_served import (
    Client,
    ServedConsole,
    another,
    first_administrator,
    served,
    wait_for,
)

from patrol_core.topics import INCIDENT_ACTS, INCIDENT_VERDICTS
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_records.store import RecordStore

ROOT = "/robots/ronda/incidents"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class Records:
    """Stores what the console says, as the records process does."""

    def __init__(self, console: ServedConsole) -> None:
        self.console = console
        self.hears = True
        self._found: list[Finding] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def find(self, number: int, kind: FindingKind, x_m: float, photo: bytes = b"") -> None:
        now_s = self.console.robot.now_s
        self._found.append(Finding(
            f"f{number}", 0, now_s, kind, x_m, 3.0, 0.4, 0.3, 0.9, now_s,
            "An object stands where the map shows free ground.",
            (Measure("standing", 2.9, 1.4, "s"),),
            CompressedImage(now_s, "camera", "jpeg", photo) if photo else None,
        ))  # fmt: skip
        wait_for(lambda: not self._found)

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        store = RecordStore(self.console.robot.link.run_folder)
        while not self._stopping.wait(0.02):
            acts = list(self.console.said_on(INCIDENT_ACTS)) if self.hears else []
            verdicts = list(self.console.said_on(INCIDENT_VERDICTS)) if self.hears else []
            if self._found or acts or verdicts:
                store.add(self._found[:1], acts=acts, verdicts=verdicts)
                del self._found[:1]
        store.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def records(console: ServedConsole) -> Iterator[Records]:
    made = Records(console)
    made.find(1, FindingKind.OBJECT, 1.0, JPEG)
    made.find(2, FindingKind.EMERGENCY, 5.0)
    made.find(3, FindingKind.CHANGE, 9.0)
    yield made
    made.close()


@pytest.fixture
def ada(console: ServedConsole) -> Client:
    return first_administrator(console)


def test_the_inbox_shows_what_was_found_with_its_evidence(records: Records, ada: Client) -> None:
    status, page = ada.ask("GET", ROOT)
    assert status == 200 and not page["more"]
    kinds = {one["kind"]: one["severity"] for one in page["incidents"]}
    assert kinds == {"object": "medium", "emergency": "high", "change": "low"}
    found = next(one for one in page["incidents"] if one["kind"] == "object")
    one = ada.ask("GET", f"{ROOT}/{found['id']}")[1]
    assert one["evidence"] == [{"name": "standing", "value": 2.9, "threshold": 1.4, "unit": "s"}]
    assert one["history"] == [] and one["state"] == "new"
    assert ada.ask("GET", one["photo"].removeprefix("/api")) == (200, JPEG)
    assert one["before"] is None


def test_pages_follow_each_other_without_loss(records: Records, ada: Client) -> None:
    seen: list[int] = []
    query = "limit=1"
    for _ in range(5):
        page = ada.ask("GET", f"{ROOT}?{query}")[1]
        seen += [one["group"] for one in page["incidents"]]
        if not page["more"]:
            break
        query = f"limit=1&before={page['incidents'][-1]['mark']}"
    assert sorted(seen) == [1, 2, 3]


def test_an_act_is_done_when_it_is_stored(records: Records, ada: Client) -> None:
    status, one = ada.ask("POST", f"{ROOT}/1/acts", {"act": "acknowledge", "why": "on my way"})
    assert (status, one["state"]) == (200, "acknowledged")
    assert [(act["who"], act["what"], act["why"]) for act in one["history"]] == [
        ("ada", "acknowledge", "on my way")
    ]
    shelved = {"act": "shelve", "why": "painters", "for_s": 3600.0}
    assert ada.ask("POST", f"{ROOT}/1/acts", shelved)[1]["state"] == "shelved"
    assert (
        ada.ask("POST", f"{ROOT}/1/verdicts", {"verdict": "false", "why": "a shadow"})[1][
            "verdict"
        ]
        == "false"
    )


def test_an_act_that_nobody_stores_is_not_shown_as_done(records: Records, ada: Client) -> None:
    records.hears = False
    status, answer = ada.ask("POST", f"{ROOT}/1/acts", {"act": "resolve", "why": "taken away"})
    assert status == 503 and "not confirmed" in answer["error"]
    assert ada.ask("GET", f"{ROOT}/1")[1]["state"] == "new"
    assert len(records.console.said_on(INCIDENT_ACTS)) > 1, "it is said again meanwhile"
    ids = {act.act_id for act in records.console.said_on(INCIDENT_ACTS)}
    assert len(ids) == 1, "and it is the same act"


def test_what_cannot_be_done_is_refused_in_words(records: Records, ada: Client) -> None:
    for path, body, expected in (
        ("/99/acts", {"act": "resolve", "why": "x"}, 404),
        ("/1/acts", {"act": "shelve", "why": "x"}, 400),
        ("/1/acts", {"act": "resolve", "why": "x", "for_s": 5.0}, 400),
        ("/1/acts", {"act": "resolve", "why": ""}, 400),
        ("/1/acts", {"act": "burn", "why": "x"}, 400),
        ("/1/verdicts", {"verdict": "maybe", "why": "x"}, 400),
    ):
        status, answer = ada.ask("POST", f"{ROOT}{path}", body)
        assert status == expected and answer["error"].endswith("."), (path, body)
    for path in (
        "?limit=0",
        "?limit=x",
        "?state=gone",
        "?before=-1",
        "?before=nan/1",
        "?before=1/x",
        "/99",
        "/1/before",
        "/1/x",
    ):
        assert ada.ask("GET", f"{ROOT}{path}")[0] in (400, 404), path


def test_a_viewer_sees_and_does_nothing(
    records: Records, console: ServedConsole, ada: Client
) -> None:
    viewer = another(console, ada, "vi", "viewer")
    assert viewer.ask("GET", ROOT)[0] == 200
    assert viewer.ask("POST", f"{ROOT}/1/acts", {"act": "resolve", "why": "x"})[0] == 403


def test_the_live_document_counts_what_is_new(records: Records, ada: Client) -> None:
    import json

    with ada.socket("/robots/ronda/live") as line:
        told: dict[str, object] = {}

        def has_counted() -> bool:
            said = json.loads(line.recv(timeout=20.0))
            line.send(json.dumps({"ack": said["n"]}))
            told.update(said)
            return told.get("alerts", {}).get("new") == 3  # type: ignore[attr-defined, no-any-return]

        wait_for(has_counted)
    assert told["alerts"]["urgent"] == 1  # type: ignore[index]
