"""The pure core: values and `now` in, values out. No I/O, no clock, no randomness, no third-party import."""
