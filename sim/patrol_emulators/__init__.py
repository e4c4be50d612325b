"""Emulators of serial motor controllers: true to the byte, with motors, wheels and a battery."""
