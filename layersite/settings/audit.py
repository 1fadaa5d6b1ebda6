"""Who did what is written down; see `analyzer.services.audit`."""

from . import env

# Lines of the audit log that are older go. 0: none ever does.
AUDIT_DAYS = env.integer("AUDIT_DAYS", 400)
