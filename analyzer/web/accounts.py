"""Logging in and out, and one's own password."""

from django.contrib.auth import views
from django.urls import path, reverse_lazy

urlpatterns = [
    path("accounts/login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", views.LogoutView.as_view(), name="logout"),
    path(
        "accounts/password/",
        views.PasswordChangeView.as_view(success_url=reverse_lazy("password-changed")),
        name="password",
    ),
    path("accounts/password/changed/", views.PasswordChangeDoneView.as_view(), name="password-changed"),
]
