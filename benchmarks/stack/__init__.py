"""What the real stack takes and gives: see STACK.md, which `python -m benchmarks.stack` writes."""
