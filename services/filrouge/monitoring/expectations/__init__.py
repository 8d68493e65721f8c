"""What is expected of sources and runs, and how they keep to it. All pure."""
