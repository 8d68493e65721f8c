"""What may happen to a run, by name, and what each microservice then has to do. All of it pure."""
