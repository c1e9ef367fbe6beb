from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("initiatives", __name__)
