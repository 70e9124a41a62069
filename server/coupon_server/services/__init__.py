"""The use cases: each loads rows, asks the domain, stores what it decided."""
