"""The demo company: a story with people, money and promises in it, not filler text."""
