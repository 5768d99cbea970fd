"""What all processes must remember for a short time: counts of attempts, codes that were used."""

from django.db import models


class CachedValue(models.Model):
    """One value of the shared cache (`store.shared_cache`)."""

    key = models.CharField(max_length=255, primary_key=True)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.key
