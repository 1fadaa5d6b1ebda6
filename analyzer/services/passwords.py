"""New passwords for who forgot theirs: by mail, or by a link that an administrator makes.

The link is Django's: signed, good for PASSWORD_RESET_HOURS, and dead once the password was changed or somebody logged
in with the account.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from analyzer import queue

BETWEEN_MAILS = timedelta(minutes=5)


def reset_path(user: User) -> str:
    """The address, on this site, at which whoever has it chooses a new password for the user."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])


def ask_for_link(address: str, site: str) -> None:
    """A worker sends the mail: how long the answer takes tells nobody whether there is such an account."""
    queue.ring("mail_reset", address, site)


def mail_link(address: str, site: str) -> int:
    """Sends each account with this address its link; `site` is where it leads, without a slash. Returns how many."""
    sent = 0
    for user in PasswordResetForm().get_users(address):
        if not cache.add(f"reset-mail:{user.pk}", True, int(BETWEEN_MAILS.total_seconds())):
            continue
        context = {"user": user, "link": site + reset_path(user), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        text = render_to_string("registration/password_reset_mail.txt", context)
        send_mail("A new password for layersite", text, None, [user.email])
        sent += 1
    return sent
