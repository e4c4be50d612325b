"""What `bench console` stands beside: every page its own document, ten times a second, compressed.

As `websockets` does by itself. Reads one JSON line: a document, told with the time in it; writes
its address; ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress

from _graph_speaker import CLOCK_TEXT, clock_text
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

PERIOD_S = 0.1


async def main() -> None:
    document = json.loads(sys.stdin.readline())

    async def show(line: ServerConnection) -> None:
        number = 0
        with suppress(ConnectionClosed):
            while True:
                number += 1
                text = json.dumps({"n": number, **document})
                await line.send(text.replace(CLOCK_TEXT, clock_text(time.time()).decode()))
                await asyncio.sleep(PERIOD_S)

    async with serve(show, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"http://127.0.0.1:{port}/", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
