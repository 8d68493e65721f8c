"""For people: one view of a run, shown in the terminal, as JSON and as a page."""
