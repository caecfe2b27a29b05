"""The addresses of the product, and a bare view beside them."""

from __future__ import annotations

from django.urls import path

from handover.urls import urlpatterns as product
from tests.benchmarks.api import bare_view

urlpatterns = [path("api/v1/bare-posts", bare_view()), *product]
