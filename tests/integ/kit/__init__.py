"""What the integration tests are made of: real software, started and judged."""
