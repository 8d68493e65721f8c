"""What goes out: each run as spans, logs and metrics, in OTLP."""
