"""The SQL of delivery."""
