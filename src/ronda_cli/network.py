"""How far DDS reaches: profiles made from the shipped one, and which middleware there is.

Everything is environment variables, set before rclpy starts, so that every process that this one
starts has them, too. A network's profile is made from the shipped one
(`launch/config/fastdds_loopback.xml`): the same transport and lease, more addresses.
"""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import ROOT, VENV

LOOPBACK = "127.0.0.1"
LOOPBACK_PROFILE = ROOT / "launch" / "config" / "fastdds_loopback.xml"
PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
SERVER_VARIABLE = "ROS_DISCOVERY_SERVER"
SERVER_PORT = 11811
_RMW = "RMW_IMPLEMENTATION"
_XMLNS = "{http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles}"
_SERVER_PREFIX = "44.53.00.5f.45.50.52.4f.53.49.4d.41"
"""The identity of server 0, by which clients that ROS_DISCOVERY_SERVER names know it (Fast DDS's
documentation, ROS_DISCOVERY_SERVER)."""
_HOST_PORT = re.compile(r"(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})")


def addresses_of(network: str) -> list[str]:
    """IPv4 addresses of what a list separated by commas names, loopback first.

    Raises RondaError for what this machine has not.
    """
    import psutil

    of_interface = {
        name: [entry.address for entry in entries if entry.family.name == "AF_INET"]
        for name, entries in psutil.net_if_addrs().items()
    }
    own = {address for addresses in of_interface.values() for address in addresses}
    found = [LOOPBACK]
    for word in (part.strip() for part in network.split(",")):
        addresses = of_interface.get(word, [word] if word in own else [])
        if not addresses:
            with_one = ", ".join(f"{n} ({', '.join(a)})" for n, a in of_interface.items() if a)
            raise RondaError(
                f"no interface of this machine with an IPv4 address is '{word}'",
                expected=f"interfaces or addresses among {with_one}",
            )
        found += [address for address in addresses if address not in found]
    return found


def network_profile(addresses: Sequence[str]) -> str:
    """The shipped profile with other addresses of this machine to speak at, as XML."""
    return _text(_profile(addresses))


def _server_profile(addresses: Sequence[str], port: int) -> str:
    """The same for a discovery server that listens at the addresses, as XML."""
    root = _profile(addresses)
    rtps, discovery = _find(root, "rtps"), _find(root, "discovery_config")
    prefix = ET.Element(f"{_XMLNS}prefix")
    prefix.text = _SERVER_PREFIX
    rtps.insert(0, prefix)
    protocol = ET.Element(f"{_XMLNS}discoveryProtocol")
    protocol.text = "SERVER"
    discovery.insert(0, protocol)
    locators = ET.SubElement(_find(root, "builtin"), f"{_XMLNS}metatrafficUnicastLocatorList")
    for address in addresses:
        locator = ET.SubElement(ET.SubElement(locators, f"{_XMLNS}locator"), f"{_XMLNS}udpv4")
        ET.SubElement(locator, f"{_XMLNS}address").text = address
        ET.SubElement(locator, f"{_XMLNS}port").text = str(port)
    return _text(root)


def _profile(addresses: Sequence[str]) -> ET.Element:
    root = ET.parse(LOOPBACK_PROFILE).getroot()  # noqa: S314 - a file of ours
    listed = _find(root, "interfaceWhiteList")
    for entry in list(listed):
        listed.remove(entry)
    for address in addresses:
        ET.SubElement(listed, f"{_XMLNS}address").text = address
    return root


def _find(root: ET.Element, name: str) -> ET.Element:
    return next(root.iter(f"{_XMLNS}{name}"))


def _text(root: ET.Element) -> str:
    ET.register_namespace("", _XMLNS.strip("{}"))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "unicode")}\n'


def open_up(network: str, server: str, environ: MutableMapping[str, str], folder: Path) -> str:
    """Let DDS reach as far as a command's options say; what is to be told of it, or nothing.

    Raises RondaError, also where the middleware is another: these options are Fast DDS's.
    """
    if not network and not server:
        return ""
    if "fastrtps" not in environ.get(_RMW, "rmw_fastrtps_cpp"):
        raise RondaError(
            f"--network and --discovery-server are for Fast DDS, not {environ[_RMW]}",
            remedy=f"configure {environ[_RMW]} by its own means",
        )
    if server:
        use_discovery_server(server, environ)
    where = use_network(network, environ, folder) if network else [LOOPBACK]
    by = f", discovery by {server}" if server else ""
    return f"DDS speaks at {', '.join(where)}{by}; it is not encrypted (docs/NETWORK.md)"


def use_network(network: str, environ: MutableMapping[str, str], folder: Path) -> list[str]:
    """Let DDS speak on these interfaces, by a profile that is written into `folder`.

    Returns the addresses. Raises RondaError.
    """
    addresses = addresses_of(network)
    path = _written(folder / "fastdds_network.xml", network_profile(addresses))
    environ.update(dict.fromkeys(PROFILE_VARIABLES, str(path)))
    return addresses


def use_server_profile(
    addresses: Sequence[str], port: int, environ: MutableMapping[str, str], folder: Path
) -> None:
    """Make participants of this process discovery servers, by a profile written into `folder`.

    Fast DDS's own program, told its address by option or profile, opens sockets elsewhere, too.
    """
    path = _written(folder / "fastdds_server.xml", _server_profile(addresses, port))
    environ.update(dict.fromkeys(PROFILE_VARIABLES, str(path)))
    environ.pop(SERVER_VARIABLE, None)


def use_discovery_server(server: str, environ: MutableMapping[str, str]) -> None:
    """Let processes find one another at a discovery server, `HOST:PORT`. Raises RondaError."""
    parts = _HOST_PORT.fullmatch(server)
    if parts is None or not 0 < int(parts["port"]) < 65536:
        raise RondaError(
            f"no discovery server is '{server}'", expected=f"HOST:PORT, as 10.0.0.5:{SERVER_PORT}"
        )
    environ[SERVER_VARIABLE] = server
    environ.setdefault("ROS_SUPER_CLIENT", "TRUE")  # the base counts who commands it


def check_middleware(environ: MutableMapping[str, str]) -> None:
    """See that the middleware of RMW_IMPLEMENTATION is there. Raises RondaError.

    Profiles of DDS mean nothing to another one: they are left out.
    """
    name = environ.get(_RMW, "")
    prefixes = environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    index = Path("share", "ament_index", "resource_index", "rmw_typesupport", name)
    folders = (VENV, *(Path(prefix) for prefix in prefixes if prefix))
    if name and not any((folder / index).is_file() for folder in folders):
        raise RondaError(
            f"{_RMW} is '{name}', which is not installed here",
            remedy=f"install it (apt-get install ros-jazzy-{name.replace('_', '-')}; the wheels "
            "have rmw_fastrtps_cpp alone), or unset RMW_IMPLEMENTATION",
        )
    if name and "fastrtps" not in name:
        for variable in (*PROFILE_VARIABLES, SERVER_VARIABLE):
            environ.pop(variable, None)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
