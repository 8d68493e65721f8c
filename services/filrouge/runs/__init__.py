"""What it means: runs, stages, source lanes and tasks, with ids that follow from their names."""
