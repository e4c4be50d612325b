"""The flight recorder: the minute before something happened, and half a minute after it."""
