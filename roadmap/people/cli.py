"""`flask user …`: the only way to a first user where there is no demo company."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from roadmap.domain.errors import Refused
from roadmap.domain.roles import ROLE_NAMES
from roadmap.models import User

from . import actions

group = AppGroup("user", help="Create users, change their role or password, deactivate them.")
roles = click.Choice(list(ROLE_NAMES))
password_option = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    envvar="ROADMAP_PASSWORD",
    help="Asked for when left out; also read from ROADMAP_PASSWORD.",
)


@group.command("create")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=roles, required=True)
@password_option
def create(email: str, name: str, role: str, password: str) -> None:
    """Add a person who can sign in."""
    with _Plainly():
        user = actions.create(email, name, role, password)
    click.echo(f"{user.name} <{user.email}> can sign in as {user.role_name.lower()}.")


@group.command("role")
@click.argument("email")
@click.argument("role", type=roles)
def role(email: str, role: str) -> None:
    """Give a person another role."""
    user = _user(email)
    with _Plainly():
        actions.change_role(user, role)
    click.echo(f"{user.email} is {user.role_name.lower()} now.")


@group.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """End a person's sessions and refuse new ones; what they decided stays in the ledger."""
    actions.deactivate(_user(email))
    click.echo(f"{email} can no longer sign in.")


@group.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let a deactivated person sign in again."""
    actions.activate(_user(email))
    click.echo(f"{email} can sign in again.")


@group.command("password")
@click.argument("email")
@password_option
def password(email: str, password: str) -> None:
    """Set a new password, which ends the person's open sessions."""
    user = _user(email)
    with _Plainly():
        actions.change_password(user, password)
    click.echo(f"{user.email} has a new password.")


def _user(email: str) -> User:
    user = actions.find(email)
    if user is None:
        raise click.ClickException(f"There is no user {email}.")
    return user


class _Plainly:
    """Turns a refusal into a message and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refused):
            raise click.ClickException(str(error)) from error
