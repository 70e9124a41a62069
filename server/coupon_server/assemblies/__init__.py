"""Builds processes: the only package that knows every concrete class.

One module per kind of process: `serving` and `background` workers, `consumer`, `operator`.
"""
