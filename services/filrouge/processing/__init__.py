"""Kafka in, telemetry out: a service that keeps no state."""
