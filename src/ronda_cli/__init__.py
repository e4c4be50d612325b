"""The command line of Ronda and its closed loop: the top layer, which may import everything."""
