"""Products: the list with what is left to do, adding and renaming them."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, render_template, url_for

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.models import Product
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.tradeoffs.decide import Answer
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import csv_response
from roadmap.workspace.edits import settle

from . import products
from .blueprint import blueprint
from .forms import ProductForm

HEADER = ["id", "product", "initiatives", "person_days_left", "initiatives_not_estimated"]


@blueprint.get("/products", endpoint="products")
@allow("read")
def index() -> Answer:
    return _products(ProductForm(formdata=None))


@blueprint.post("/products")
@allow("shape")
def create_product() -> Answer:
    form = ProductForm()
    if form.validate():
        try:
            product = products.create(form.name.data or "")
        except Refused as taken:
            form.name.errors = [str(taken)]
        else:
            flash(f"“{product.name}” is there.", "success")
            return htmx.go(url_for("initiatives.products"))
    return _products(form), 422


@blueprint.route(f"/products/<{ID}:id>", methods=["GET", "POST"])
@allow("shape")
def product(id: int) -> Answer:
    name = db.get_or_404(Product, id).name
    form = _product_form(id)
    if form.validate_on_submit():
        try:
            settle(form, lambda: _product_form(id, formdata=None))
            products.rename(id, form.name.data or "")
        except Refused as taken:
            form.name.errors = [str(taken)]
        except Conflict:
            pass
        else:
            flash("Saved.", "success")
            return htmx.go(url_for("initiatives.products"))
    page = render_template("initiatives/product.html", form=form, id=id, name=name)
    return page, 409 if form.conflict else 422 if form.errors else 200


@blueprint.get("/products.csv")
@allow("read")
def products_table() -> Response:
    return csv_response("products.csv", HEADER, products.lines(pictures.current()))


def _product_form(id: int, **kwargs: Any) -> ProductForm:
    return ProductForm(obj=db.session.get(Product, id), **kwargs)


def _products(form: ProductForm) -> str:
    lines = products.lines(pictures.current())
    return render_template("initiatives/products.html", form=form, lines=lines)
