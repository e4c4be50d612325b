"""What the tests of motor controllers share: contracts, fakes, and an emulator behind a port."""
