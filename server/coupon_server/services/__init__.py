"""The use cases: each loads rows, calls the domain to decide, and stores the decision."""
