"""Puts processes together: the one package that knows every concrete class.

One module a kind of process: `serving` and `background` workers, `consumer`, `operator`.
"""
