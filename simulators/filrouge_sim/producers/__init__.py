"""The microservices of a simulated pipeline, each a process of its own that talks to Kafka.

ingestion pulls the objects of each source, standardization and application go on with a source as
soon as the zone before has handed it over.
"""
