"""The people of the tests: Alice owns, Bob adds images to her team, Charlie has no access and a team of his own."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from analyzer.models import Membership, Role, Team

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Cast:
    alice: User
    bob: User
    charlie: User
    team: Team  # Alice's and Bob's
    other_team: Team  # Charlie's

    @classmethod
    def create(cls) -> "Cast":
        alice, bob, charlie = (
            User.objects.create_user(name, password=PASSWORD) for name in ("alice", "bob", "charlie")
        )
        team = Team.objects.create(name="Alice's team", slug="alices-team")
        other_team = Team.objects.create(name="Charlie's team", slug="charlies-team")
        Membership.objects.create(team=team, user=alice, role=Role.OWNER)
        Membership.objects.create(team=team, user=bob, role=Role.UPLOADER)
        Membership.objects.create(team=other_team, user=charlie, role=Role.OWNER)
        return cls(alice, bob, charlie, team, other_team)

    def give(self, user: User, role: Role) -> None:
        """Makes `user`, who is in Alice's team, that there."""
        Membership.objects.filter(team=self.team, user=user).update(role=role)

    def join(self, name: str, role: Role) -> User:
        """One more person in Alice's team."""
        user = User.objects.create_user(name, password=PASSWORD)
        Membership.objects.create(team=self.team, user=user, role=role)
        return user

    @staticmethod
    def client(user: User) -> Client:
        """A browser in which `user` is logged in."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client
