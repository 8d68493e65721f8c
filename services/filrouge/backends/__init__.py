"""Questions to Tempo, Loki and Prometheus, by their public APIs."""
