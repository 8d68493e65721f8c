"""Filrouge follows every data-ingestion run end to end, as one OpenTelemetry trace."""

__version__ = "0.1.0"
