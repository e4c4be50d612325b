"""How far DDS reaches, as environment variables: what is set, left out, or refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import RondaError
from ronda_cli.network import (
    LOOPBACK,
    PROFILE_VARIABLES,
    SERVER_VARIABLE,
    check_middleware,
    network_profile,
    open_up,
    use_discovery_server,
)


@pytest.fixture
def zenoh(tmp_path: Path) -> dict[str, str]:
    """The environment where rmw_zenoh is installed and chosen."""
    index = tmp_path / "share" / "ament_index" / "resource_index" / "rmw_typesupport"
    index.mkdir(parents=True)
    (index / "rmw_zenoh_cpp").touch()
    return {"RMW_IMPLEMENTATION": "rmw_zenoh_cpp", "AMENT_PREFIX_PATH": f":{tmp_path}"}


def test_another_middleware_gets_no_profile_of_dds(zenoh: dict[str, str]) -> None:
    given = zenoh | dict.fromkeys(PROFILE_VARIABLES, "/p.xml") | {SERVER_VARIABLE: "h:1"}
    check_middleware(given)
    assert given == zenoh


def test_fast_dds_keeps_its_profile() -> None:
    given = {"RMW_IMPLEMENTATION": "rmw_fastrtps_cpp", PROFILE_VARIABLES[0]: "/p.xml"}
    before = dict(given)
    check_middleware(given)
    assert given == before


def test_a_middleware_that_is_not_there_is_refused_with_its_package() -> None:
    with pytest.raises(RondaError, match=r"rmw_zenoh_cpp.*ros-jazzy-rmw-zenoh-cpp"):
        check_middleware({"RMW_IMPLEMENTATION": "rmw_zenoh_cpp"})


def test_options_of_fast_dds_are_refused_for_another(
    zenoh: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(RondaError, match="for Fast DDS, not rmw_zenoh_cpp"):
        open_up("lo", "", zenoh, tmp_path)


def test_nothing_asked_for_changes_nothing(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    assert open_up("", "", environ, tmp_path / "new") == ""
    assert environ == {} and not (tmp_path / "new").exists()


def test_an_interface_is_opened_by_a_profile(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    told = open_up(LOOPBACK, "10.0.0.5:11811", environ, tmp_path / "new")
    assert LOOPBACK in told and "10.0.0.5:11811" in told
    assert environ[SERVER_VARIABLE] == "10.0.0.5:11811"
    assert {Path(environ[name]) for name in PROFILE_VARIABLES} == {
        tmp_path / "new" / "fastdds_network.xml"
    }


def test_an_interface_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    with pytest.raises(RondaError, match=r"'wlan7'.*lo \(127\.0\.0\.1\)"):
        open_up("wlan7", "", environ, tmp_path)
    assert environ == {}


def test_a_networks_profile_keeps_all_but_the_addresses() -> None:
    text = network_profile([LOOPBACK, "10.1.2.3"])
    assert text.count("<address>") == 2 and "<address>10.1.2.3</address>" in text
    assert "<sec>4</sec>" in text and "<useBuiltinTransports>false" in text


@settings(max_examples=50, deadline=None)
@given(st.from_regex(r"[a-z0-9. ;]{0,4}:?[0-9]{0,6}", fullmatch=True))
def test_a_server_is_a_host_and_a_port_or_refused(text: str) -> None:
    environ: dict[str, str] = {}
    with suppress(RondaError):
        use_discovery_server(text, environ)
    for server in environ.get(SERVER_VARIABLE, "").split(";") if environ else []:
        host, _, port = server.rpartition(":")
        assert host and 0 < int(port) < 65536


@pytest.mark.parametrize("text", ["host:0", "host:65536", "host", ":11811", "a:1;b:2", "a b:1"])
def test_what_is_no_server_changes_nothing(text: str) -> None:
    environ: dict[str, str] = {}
    with pytest.raises(RondaError, match="HOST:PORT"):
        use_discovery_server(text, environ)
    assert environ == {}
