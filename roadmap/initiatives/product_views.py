"""Products: the list with what is left to do, adding and renaming them."""

from __future__ import annotations

from flask import Response, flash, render_template, url_for

from roadmap.extensions import db
from roadmap.models import Product
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.tradeoffs.decide import Answer
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import csv_response

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
        except products.Taken as taken:
            form.name.errors = [str(taken)]
        else:
            flash(f"“{product.name}” is there.", "success")
            return htmx.go(url_for("initiatives.products"))
    return _products(form), 422


@blueprint.route(f"/products/<{ID}:id>", methods=["GET", "POST"])
@allow("shape")
def product(id: int) -> Answer:
    known = db.get_or_404(Product, id)
    form = ProductForm(obj=known)
    if form.validate_on_submit():
        try:
            products.rename(known, form.name.data or "")
        except products.Taken as taken:
            form.name.errors = [str(taken)]
        else:
            flash("Saved.", "success")
            return htmx.go(url_for("initiatives.products"))
    name = known.name
    page = render_template("initiatives/product.html", form=form, id=id, name=name)
    return page, 422 if form.errors else 200


@blueprint.get("/products.csv")
@allow("read")
def products_table() -> Response:
    return csv_response("products.csv", HEADER, products.lines(pictures.current()))


def _products(form: ProductForm) -> str:
    lines = products.lines(pictures.current())
    return render_template("initiatives/products.html", form=form, lines=lines)
