"""Logging in and out; one's own account; a new password for who forgot theirs."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse_lazy
from django.views.decorators.cache import never_cache

from analyzer.services import passwords
from analyzer.services.guessing import remember_browser
from analyzer.web import doors
from analyzer.web.addresses import site_of

HELD = (
    "Somebody tried to log in under this name more than {limit} times, in browsers in which it never had. A browser in "
    "which you have logged in before is not kept waiting, nor are you after a link to a new password."
)


class Login(views.LoginView):
    """With the way to the OpenID provider beside it, where there is one."""

    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_browser(response, form.get_user())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        held = getattr(self.request, "held", None)
        if held is None:
            return super().form_invalid(form)
        return doors.wait(self.request, HELD.format(limit=held.limit), held)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(oidc_name=settings.OIDC_NAME if settings.OIDC_ISSUER else "", **more)


class ChooseNew(views.PasswordResetConfirmView):
    """Who chose a new password by a link in their mail logs in from that browser, whoever guesses meanwhile."""

    template_name = "registration/password_reset_choose.html"
    success_url = reverse_lazy("password-reset-done")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_browser(response, form.user)
        return response


class Address(forms.Form):
    email = forms.EmailField(max_length=254, label="Mail address")


class Person(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels = {"email": "Mail address"}


@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Name and address; ways on to what else is one's own."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    form = Person(request.POST or None, instance=request.user, label_suffix="")
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your account is changed.")
        return redirect("account")
    context = {
        "form": form,
        "identities": request.user.identities.all(),
        "has_password": request.user.has_usable_password(),
        "oidc_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
    return render(request, "analyzer/account.html", context, status=400 if form.errors else 200)


@never_cache
def reset(request: HttpRequest) -> HttpResponse:
    """Says the same whether or not there is such an account."""
    form = Address(request.POST or None, label_suffix="")
    if request.method == "POST" and settings.SENDS_MAIL and form.is_valid():
        passwords.ask_for_link(form.cleaned_data["email"], site_of(request))
        return redirect("password-reset-sent")
    context = {"form": form, "sends_mail": settings.SENDS_MAIL}
    return render(request, "registration/password_reset.html", context, status=400 if form.errors else 200)


def reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_reset_sent.html")


urlpatterns = [
    path("account/", account, name="account"),
    path("accounts/login/", doors.form(Login.as_view()), name="login"),
    path("accounts/logout/", views.LogoutView.as_view(), name="logout"),
    path(
        "accounts/password/",
        views.PasswordChangeView.as_view(success_url=reverse_lazy("password-changed")),
        name="password",
    ),
    path("accounts/password/changed/", views.PasswordChangeDoneView.as_view(), name="password-changed"),
    path("accounts/reset/", doors.form(reset), name="password-reset"),
    path("accounts/reset/sent/", reset_sent, name="password-reset-sent"),
    path(
        "accounts/reset/<uidb64>/<token>/",
        doors.link(ChooseNew.as_view()),
        name="password-reset-confirm",
    ),
    path(
        "accounts/reset/done/",
        views.PasswordResetCompleteView.as_view(template_name="registration/password_reset_done.html"),
        name="password-reset-done",
    ),
]
