"""A package, so that the stack, which is of package scope, ends with its last test."""
