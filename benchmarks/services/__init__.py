"""The services side by side with the least that could be done instead, and with others' ways."""
