"""`cop`, a module a verb: each turns words and flags into one call of a room; a folder in here is a group of verbs.

Nothing is computed here. A function that is registered with `registry.command` is a command; no list names it again.
"""
