"""The people of the demo company that tests speak of by their part."""

# Every person of the demo company signs in with it.
PASSWORD = "demo"
