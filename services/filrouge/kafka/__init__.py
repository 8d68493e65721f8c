"""Records on Kafka: the topics, how records get there, and what lies there."""
