"""Every template compiles, and its source holds nothing that the content policy would refuse."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined, nodes

from roadmap import create_app
from tests.support.databases import CONFIG

TEMPLATES = Path(__file__).parents[1] / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))

REFUSED = {
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>",
    "an inline style sheet": r"<style\b",
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "an inline handler": r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=",
    "unescaped output": r"\|\s*safe\b|autoescape\s+false",
    "another place's asset": r"<(?:script|link|img)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//",
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    app = create_app({**CONFIG, "DATABASE_URL": "sqlite:///never.sqlite"})
    return app.jinja_env.overlay(undefined=StrictUndefined)


def source(name: str) -> str:
    """The template without its comments, which may say what must not be done."""
    return re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_with_every_filter_and_test_known(name: str, environment: Environment) -> None:
    environment.compile((TEMPLATES / name).read_text(), name)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_it_extends_includes_or_imports_is_there(
    name: str, environment: Environment
) -> None:
    tree = environment.parse((TEMPLATES / name).read_text())
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        if isinstance(node.template, nodes.Const):
            environment.get_template(node.template.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", REFUSED)
def test_it_holds_nothing_that_the_content_policy_refuses(name: str, what: str) -> None:
    found = re.search(REFUSED[what], source(name), re.IGNORECASE)
    assert not found, f"{what}: {found[0] if found else ''}"


def test_macros_that_are_imported_exist(environment: Environment) -> None:
    for name in NAMES:
        tree = environment.parse((TEMPLATES / name).read_text())
        for node in tree.find_all(nodes.FromImport):
            if isinstance(node.template, nodes.Const):
                offered = dir(environment.get_template(node.template.value).make_module({}))
                wanted = {each if isinstance(each, str) else each[0] for each in node.names}
                assert wanted <= set(offered), f"{name} imports {sorted(wanted - set(offered))}"


@pytest.mark.parametrize("name", NAMES)
def test_a_form_that_asks_says_what_its_address_says(name: str) -> None:
    """A browser that goes back puts in what was chosen last, unless the form forbids it."""
    for form in re.findall(r"<form\b[^>]*>", source(name)):
        asks = re.search(r'method="(get|\{\{ method \}\})"', form)
        # Ticks are a selection among rows, which the address does not hold.
        if asks and 'id="ticked"' not in form:
            assert 'autocomplete="off"' in form, f"{form} of {name}"
