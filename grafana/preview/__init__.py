"""Previews of the dashboards: `make previews` draws the panels' real data with a charting library.

They are no pictures of Grafana. They have its grid, titles, colours and figures, which is what can
be looked at where no Grafana runs.
"""
