"""`./ronda network`: how far DDS reaches (docs/NETWORK.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True, help="Let ROS 2 reach beyond this machine, by choice (docs/NETWORK.md)."
)

_Network = Annotated[
    str, typer.Option("--network", metavar="IFACE,...", help="Interfaces or addresses.")
]


@app.command()
def profile(
    network: Annotated[str, typer.Argument(metavar="IFACE,...", help="Interfaces, addresses.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: print it.")] = None,
) -> None:
    """Print the Fast DDS profile for these interfaces of this machine, loopback included.

    For other ROS 2 tools: FASTRTPS_DEFAULT_PROFILES_FILE=FILE makes them speak there.
    """
    from ronda_cli.network import addresses_of, network_profile

    text = network_profile(addresses_of(network))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@app.command()
def server(
    network: _Network = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port.")] = 11811,
) -> None:
    """Run a discovery server on this machine until Ctrl-C: on loopback, and where --network says.

    Processes find one another by it (`./ronda up --discovery-server HOST:PORT`, or the variable
    ROS_DISCOVERY_SERVER) instead of by multicast.
    """
    import os
    import signal
    import sys
    import tempfile
    from contextlib import suppress

    from ronda_cli.network import LOOPBACK, addresses_of, use_server_profile

    addresses = addresses_of(network) if network else [LOOPBACK]
    with tempfile.TemporaryDirectory(prefix="ronda-discovery-") as folder:
        use_server_profile(addresses, port, os.environ, Path(folder))
        import rclpy
        from rclpy.node import Node
        from rclpy.signals import SignalHandlerOptions
        from rclpy.utilities import try_shutdown

        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        node: Any = Node("discovery_server", enable_rosout=False)
        print(f"discovery server at {', '.join(f'{a}:{port}' for a in addresses)}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with suppress(KeyboardInterrupt):
            signal.pause()
        node.destroy_node()
        try_shutdown()
