"""ODrive motor controllers of the v3 generation, ASCII protocol over UART or USB (CDC).

Source of every fact, unless another is named: the maker's repository odriverobotics/ODrive at tag
fw-v0.5.6, by file: `docs/ascii-protocol.rst`, `docs/getting-started.rst`, `CHANGELOG.md`,
`Firmware/odrive-interface.yaml` (properties, units, error bits), and the firmware itself
(`ascii_protocol.cpp`, `axis.cpp`, `controller.cpp`, `main.cpp`, `interface_usb.cpp`).
"""
