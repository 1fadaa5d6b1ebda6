"""The webhook of a registry: what was pushed there is looked at, at once."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from analyzer.models import Registry
from analyzer.oci.jsondoc import DocumentError, parse
from analyzer.registry.notifications import pushed
from analyzer.services.registries import hook_secret_is
from analyzer.services.watching import tell

MAX_BODY_BYTES = 1 << 20
MAX_DEPTH = 32
REFUSED = "The secret, in the Authorization header or the address, is not that of a webhook here."


@csrf_exempt  # a registry has no session; its secret stands in a header, or in the address where it can send none
@require_POST
def hook(request: HttpRequest, registry_id: int, secret: str = "") -> HttpResponse:
    """Takes a notification. Whose secret is wrong learns nothing, not even whether there is such a registry."""
    registry = Registry.objects.filter(pk=registry_id).first() or Registry()
    if not hook_secret_is(registry, secret or _offered(request)):
        return JsonResponse({"detail": REFUSED}, status=401, headers={"WWW-Authenticate": "Bearer"})
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return JsonResponse({"detail": "Say how long the notification is (Content-Length)."}, status=411)
    if int(length) > MAX_BODY_BYTES:
        return JsonResponse({"detail": f"A notification has {MAX_BODY_BYTES:,} bytes at most."}, status=413)
    try:
        pairs = pushed(parse(request.read(int(length)), MAX_DEPTH), registry.host)
    except DocumentError as error:
        return JsonResponse({"detail": f"The notification can't be read: {error}."}, status=400)
    return JsonResponse({"looks": tell(registry, pairs)}, status=202)


def _offered(request: HttpRequest) -> str:
    """The secret as it is sent: alone, as Harbor sends it, as a Bearer token, or in a header of its own."""
    header = request.headers.get("X-Layersite-Secret") or request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else header


urlpatterns = [
    path("hooks/registries/<int:registry_id>/", hook, name="registry-hook-in"),
    path("hooks/registries/<int:registry_id>/<str:secret>/", hook, name="registry-hook-in-secret"),
]
