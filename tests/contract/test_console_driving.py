"""Driving by hand through real WebSockets: who has the robot, and what is told to the log."""

from __future__ import annotations

import json

from tests.console_served import (
    ServedConsole,
    acts,
    another,
    code_at_the_end,
    first_administrator,
    wait_for,
)

from patrol_core.topics import CMD_VEL_TELEOP, TELEOP_LEASE

ROBOT = "/robots/ronda"


def test_driving_by_hand_and_letting_go(console: ServedConsole) -> None:
    ada = first_administrator(console)
    with ada.socket(f"{ROBOT}/drive") as line:
        line.send('{"take": true}')
        for _ in range(10):
            said = json.loads(line.recv(timeout=20.0))
            if said.get("mine"):
                line.send(json.dumps({"n": said["n"], "held": False}))
                line.send(json.dumps({"n": said["n"], "v": 0.5, "w": 0.0, "held": True}))
        wait_for(lambda: any(c.linear_mps > 0.0 for c in console.said_on(CMD_VEL_TELEOP)))
        assert console.said_on(TELEOP_LEASE)[-1].holder == "ada"
    wait_for(lambda: not any(c.linear_mps for c in console.said_on(CMD_VEL_TELEOP)[-3:]))
    assert not console.said_on(TELEOP_LEASE)[-1].dead_man
    wait_for(lambda: "drive_taken" in acts(console))


def test_taking_over_is_told_and_audited(console: ServedConsole) -> None:
    ada = first_administrator(console)
    bo = another(console, ada, "bo", "operator")
    with ada.socket(f"{ROBOT}/drive") as first, bo.socket(f"{ROBOT}/drive") as second:
        first.send('{"take": true}')
        wait_for(lambda: json.loads(first.recv(timeout=20.0)).get("mine"))
        second.send('{"take": true}')
        wait_for(lambda: "ada has the robot" in json.loads(second.recv(20.0)).get("refused", ""))
        second.send('{"take": true, "take_over": true, "why": "ada is asleep"}')
        wait_for(lambda: json.loads(second.recv(timeout=20.0)).get("mine"))
        wait_for(lambda: "ada is asleep" in json.loads(first.recv(timeout=20.0))["words"])
    wait_for(lambda: "drive_taken_over" in acts(console))


def test_creeping_past_the_fence_is_for_supervisors_with_a_reason(
    console: ServedConsole,
) -> None:
    ada = first_administrator(console)
    bo = another(console, ada, "bo", "operator")
    asked = json.dumps({"override": True, "why": "the way is blocked by a lorry"})
    for who, code in ((bo, 4403), (ada, None)):
        with who.socket(f"{ROBOT}/drive") as line:
            line.send('{"take": true, "take_over": true, "why": "testing"}')
            wait_for(lambda line=line: json.loads(line.recv(timeout=20.0)).get("mine"))
            line.send(asked)
            if code:
                assert code_at_the_end(line) == code
                continue
            wait_for(lambda line=line: json.loads(line.recv(20.0))["override_s"] > 0.0)
            line.send('{"override": true, "why": " "}')
            assert code_at_the_end(line) == 4400
    wait_for(lambda: "override" in acts(console))
    assert acts(console).count("override") == 1
