"""The dashboards as code; `python -m grafana.generate` writes them into grafana/dashboards/."""
