"""One file a command; `ronda_cli.app` names them."""
