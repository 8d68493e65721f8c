"""What there is to pull: companies, zones, sources and their objects.

Facts of the simulated world and nothing else. Objects carry the typical duration of their pull,
so that each has a p50 and a p95 of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["COMPANIES", "SOURCES", "ZONES", "Source", "Zone", "company"]

COMPANIES = (
    "akonovia",
    "boreale-logistique",
    "maisonneuve-sante",
    "nordet-energie",
    "papeterie-saint-laurent",
    "richelieu-agro",
    "saguenay-metal",
    "tadoussac-marine",
)


@dataclass(frozen=True)
class Zone:
    """A stage of the run; `pace` scales the durations, as pulling is slower than reshaping."""

    name: str
    service: str
    pace: float
    transformation: str | None = None
    """What is done to an object here; `None` means the source's own call."""


ZONES: Mapping[str, Zone] = MappingProxyType(
    {
        zone.name: zone
        for zone in (
            Zone("1-Raw", "ingestion", 1.0),
            Zone("2-Standard", "standardization", 0.4, "Standard_clean_data"),
            Zone("3-Application", "application", 0.2, "Application_publish_data"),
        )
    }
)


@dataclass(frozen=True)
class Source:
    """A business system; `objects` are (name, typical seconds), ids count up from `first_id`."""

    name: str
    transformation: str
    url: str
    first_id: int
    object_parameter: str
    parameters: Mapping[str, str | int]
    objects: tuple[tuple[str, float], ...]


SOURCES = (
    Source(
        "sharepoint_graph",
        "Graph_API_get_data",
        "https://graph.microsoft.com/v1.0/sites/{company}/lists/{object}/items",
        101,
        "list",
        {"site": "Operations", "expand": "fields", "top": 5000},
        (
            ("Contrats", 3.1),
            ("Fournisseurs", 2.2),
            ("Employés", 1.6),
            ("Demandes d'achat", 6.5),
            ("Inventaire", 9.0),
            ("Suivi qualité", 4.2),
            ("Incidents SST", 1.3),
            ("Politiques", 0.9),
            ("Formations", 1.8),
            ("Calendrier des équipes", 2.7),
            ("Projets actifs", 2.4),
            ("Budget annuel", 1.1),
            ("Documents techniques", 38.0),
            ("Plans de charge", 3.6),
        ),
    ),
    Source(
        "Efficy",
        "efficy_API_get_data",
        "https://crm.{company}.example/efficy/api/{object}",
        201,
        "entity",
        {"format": "json", "limit": 1000},
        (
            ("Companies", 7.5),
            ("Contacts", 11.0),
            ("Opportunities", 5.2),
            ("Activities", 16.0),
            ("Documents", 21.0),
            ("Projects", 3.4),
            ("Products", 1.9),
            ("Quotes", 4.4),
            ("Campaigns", 0.8),
            ("Users", 0.4),
            ("Tasks", 6.1),
            ("Appointments", 4.9),
            ("Mailings", 1.2),
            ("Tickets", 3.0),
            ("Contracts", 2.6),
            ("Relations", 8.3),
        ),
    ),
    Source(
        "zohobooks",
        "Zoho_API_get_data",
        "https://www.zohoapis.ca/books/v3/{object}",
        301,
        "module",
        {"organization_id": "110001482", "per_page": 200},
        (
            ("contacts", 4.0),
            ("invoices", 26.0),
            ("bills", 17.0),
            ("estimates", 6.6),
            ("salesorders", 5.8),
            ("purchaseorders", 5.1),
            ("creditnotes", 1.7),
            ("customerpayments", 8.8),
            ("vendorpayments", 7.2),
            ("expenses", 9.5),
            ("items", 3.3),
            ("chartofaccounts", 0.7),
            ("banktransactions", 19.0),
            ("journals", 12.0),
        ),
    ),
    Source(
        "EasyProjects",
        "EasyProjects_API_get_data",
        "https://api.easyprojects.net/v1/{object}",
        401,
        "resource",
        {"skip": 0, "top": 500},
        (
            ("Projects", 5.5),
            ("Tasks", 48.0),
            ("TimeEntries", 480.0),
            ("Users", 0.6),
            ("Portfolios", 0.5),
            ("Attachments", 14.0),
            ("CustomFields", 1.0),
            ("Messages", 22.0),
            ("ResourcePlan", 10.0),
            ("TaskStatuses", 0.3),
        ),
    ),
    Source(
        "PowerBI",
        "PowerBI_API_get_data",
        "https://api.powerbi.com/v1.0/myorg/admin/{object}",
        501,
        "endpoint",
        {"tenant": "production", "top": 100},
        (
            ("Espaces de travail", 2.3),
            ("Jeux de données", 4.6),
            ("Rapports", 3.2),
            ("Tableaux de bord", 1.5),
            ("Actualisations", 13.0),
            ("Journal d'activité", 31.0),
            ("Passerelles", 0.4),
            ("Utilisateurs", 2.0),
        ),
    ),
    Source(
        "zohoprojects",
        "Zoho_API_get_data",
        "https://projectsapi.zoho.ca/restapi/portal/{company}/{object}/",
        601,
        "module",
        {"portal": "operations", "range": 200},
        (
            ("portals", 0.3),
            ("projects", 4.8),
            ("tasklists", 9.2),
            ("tasks", 34.0),
            ("milestones", 3.7),
            ("timelogs", 45.0),
            ("bugs", 6.3),
            ("users", 0.9),
            ("forums", 1.4),
            ("events", 2.1),
        ),
    ),
)


def company(index: int) -> str:
    """The name of the company at `index`; past the list, names come again with a number."""
    again, position = divmod(index, len(COMPANIES))
    return f"{COMPANIES[position]}-{again + 1}" if again else COMPANIES[position]
