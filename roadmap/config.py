"""Configuration, all from the environment, with defaults that suit one machine.

DATABASE_URL       SQLite in `instance/` unless set; `postgresql://…` is used through psycopg 3
SECRET_KEY         signs cookies; without it one is made once and kept in `instance/secret_key`
BEHIND_PROXIES     how many proxies in front of us may be believed (X-Forwarded-*); default 0
HTTPS_ONLY         1 when the product is served over HTTPS: `__Host-` cookies and HSTS
SESSION_IDLE_HOURS how long a session lasts that nobody uses; default 12
SESSION_DAYS       how long one lasts at most, however much it is used; default 7
WEB_THREADS        the server's threads in each process; two of them are never taken by forms
ROADMAP_TODAY      an ISO date to take for today, or a moment to take for now: demonstrations, tests

Mail, which leaves only where SMTP_HOST is set:

SMTP_HOST          the server that takes our letters
SMTP_PORT          default 587
SMTP_SECURITY      starttls (default), tls from the first byte, or none
SMTP_USER          whom we sign in as there, if at all
SMTP_PASSWORD      the password for it
MAIL_FROM          whom letters come from: "Roadmap <roadmap@company.example>"
PUBLIC_URL         where people reach the product: links in letters begin with it
WORKER_SECONDS     how long `flask worker` rests between two rounds; default 30
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

MOST_FORM_BYTES = 2 * 1024 * 1024

SMTP_SECURITY = ("starttls", "tls", "none")
_ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+")
_PUBLIC = re.compile(r"https?://\S+")


def from_environment(instance: Path) -> dict[str, Any]:
    """Flask's configuration. `instance` is the folder for the database and the key; it is made."""
    instance.mkdir(parents=True, exist_ok=True)
    https = os.environ.get("HTTPS_ONLY") == "1"
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL")
        or f"sqlite:///{instance / 'roadmap.sqlite'}",
        "SECRET_KEY": os.environ.get("SECRET_KEY"),
        "TODAY": os.environ.get("ROADMAP_TODAY") or None,
        "BEHIND_PROXIES": int(os.environ.get("BEHIND_PROXIES") or 0),
        "HTTPS_ONLY": https,
        **cookies(https),
        "SESSION_IDLE_HOURS": float(os.environ.get("SESSION_IDLE_HOURS") or 12),
        "SESSION_DAYS": float(os.environ.get("SESSION_DAYS") or 7),
        "MAX_CONTENT_LENGTH": MOST_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": MOST_FORM_BYTES,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a meeting lasts longer than an hour
        # Typed text, hashes and tokens are parameters of statements: a log must not have them.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "WEB_THREADS": int(os.environ.get("WEB_THREADS") or 16),
        "WORKER_SECONDS": int(os.environ.get("WORKER_SECONDS") or 30),
        **mail(os.environ),
    }


def cookies(https: bool) -> dict[str, Any]:
    """Of the two cookies. A browser takes `__Host-` only from this very host, over HTTPS."""
    prefix = "__Host-" if https else ""
    return {
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": f"{prefix}roadmap",
        "KNOWN_BROWSER_COOKIE": f"{prefix}roadmap-browser",
    }


def mail(environment: Mapping[str, str]) -> dict[str, Any]:
    """What sending mail needs. Raises ValueError where only a part of it is set, or makes no sense:
    letters that lead nowhere, or that no server takes, are worse than a start that is refused.
    """
    found = {
        "SMTP_HOST": environment.get("SMTP_HOST") or None,
        "SMTP_PORT": int(environment.get("SMTP_PORT") or 587),
        "SMTP_SECURITY": environment.get("SMTP_SECURITY") or "starttls",
        "SMTP_USER": environment.get("SMTP_USER") or None,
        "SMTP_PASSWORD": environment.get("SMTP_PASSWORD") or "",
        "MAIL_FROM": environment.get("MAIL_FROM") or "",
        "PUBLIC_URL": (environment.get("PUBLIC_URL") or "").rstrip("/"),
    }
    if found["SMTP_HOST"] is None:
        return found
    if found["SMTP_SECURITY"] not in SMTP_SECURITY:
        raise ValueError(f"SMTP_SECURITY must be one of {', '.join(SMTP_SECURITY)}.")
    sender = str(found["MAIL_FROM"])
    if not (sender.isprintable() and _ADDRESS.fullmatch(parseaddr(sender)[1])):
        raise ValueError("SMTP_HOST is set, so MAIL_FROM must be an address that mail comes from.")
    if not _PUBLIC.fullmatch(str(found["PUBLIC_URL"])):
        raise ValueError("SMTP_HOST is set, so PUBLIC_URL must be where people reach the product.")
    return found


def kept_secret(instance: Path) -> str:
    """The key that signs cookies, made once per installation and readable by its user alone."""
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


def database_uri(url: str) -> str:
    """Name psycopg 3 for every spelling of a PostgreSQL address that hosters hand out."""
    for spelling in ("postgres://", "postgresql://"):
        if url.startswith(spelling):
            return "postgresql+psycopg://" + url[len(spelling) :]
    return url
