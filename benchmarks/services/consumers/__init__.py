"""Ways to read the topic, each a process of its own: `python -m benchmarks.services.consumers.X`.

They share nothing with the services, and run in two environments: the project's own, and that of
`requirements-peers.txt`.
"""
