"""What is delivered, and by which rules: pure, without I/O."""
