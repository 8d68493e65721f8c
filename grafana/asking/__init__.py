"""The dashboards' queries, put as Grafana puts them: to the tests, and to the previews."""
