"""The glossary as people write it: a line for what means the same."""

from __future__ import annotations

from wtforms import Field
from wtforms.validators import ValidationError

from roadmap.domain.folding import folded
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import words


class GlossaryForm(EditForm):
    glossary = words(
        "Words that mean the same",
        description="A line each, such as “SSO = single sign-on = SAML”.",
        render_kw={"rows": 16},
    )

    def validate_glossary(self, field: Field) -> None:
        for number, line in enumerate((field.data or "").splitlines(), 1):
            if line.strip() and (line.count("=") < 1 or not all(map(folded, line.split("=")))):
                raise ValidationError(
                    f"Line {number} needs words on both sides of “=”: {line[:60]}"
                )
