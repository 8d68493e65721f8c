"""The gateway: records over HTTP, checked, and put on Kafka; it knows no run."""
