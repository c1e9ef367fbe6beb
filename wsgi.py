"""The entry point for servers and for the `flask` command."""

from roadmap import create_app

app = create_app()
