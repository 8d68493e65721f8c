"""Grafana: its dashboards as code, and previews of them. README.md tells how."""
