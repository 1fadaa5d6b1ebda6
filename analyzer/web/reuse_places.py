"""Places of the chain forest in addresses: `at` is a chainID, `from` the number of the first branch on it."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse

from analyzer.selectors.chain_forest import Woods
from analyzer.sharing.forest import Place
from analyzer.web.reuse_frame import Frame


def place_of(request: HttpRequest, woods: Woods) -> Place:
    """The place that the address names. Raises Http404 where there is none."""
    place = woods.place(request.GET.get("at", ""), request.GET.get("from", ""))
    if place is None:
        raise Http404
    return place


class Places:
    """Addresses of places on the page with that name, in the scope of `framed` and with its other parameters."""

    def __init__(self, page: str, framed: Frame, woods: Woods, **kept: str) -> None:
        self.woods = woods
        self._here = reverse(page)
        self._kept = framed.query.parameters | kept

    def address(self, place: Place) -> str:
        parameters = {}
        if place.at is not None:
            parameters["at"] = self.woods.scope.chains[place.at].chain_id
        if place.start is not None:
            parameters["from"] = str(place.start)
        query = urlencode(parameters | self._kept, safe=":")
        return f"{self._here}?{query}" if query else self._here

    def trail(self, place: Place) -> list[tuple[str, str, str]]:
        """Ways back: name, diffID and address of what lies under the place, as far as it branches or an image ends."""
        forest = self.woods.forest
        if place.at is None:
            return []
        return [
            (", ".join(self.woods.names(key)[:1]), self.woods.layer(key).diff_id, self.address(Place(key)))
            for key in forest.path(place.at)
            if key == place.at or forest.nodes[key].ends or len(forest.on(key)) > 1
        ]
