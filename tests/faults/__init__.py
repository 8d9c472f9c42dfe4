"""What must not go wrong, tried: `make faults` runs every row in full, the tests run each quickly."""
