"""The desk's pages."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from desk import dashboard

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/"), name="home"),
    path("admin/now/<str:part>/", dashboard.live, name="desk_live"),
    path("admin/", admin.site.urls),
]
