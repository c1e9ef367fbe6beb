"""The exports that are known by their columns. Labels are plain: lower case, letters and digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from roadmap.domain.deals import LOST, OPEN, WON

from . import own_files
from .mapping import FileMapping, ImportMapping
from .split_reasons import ONE
from .status_words import LOST_TO_WORDS, STATUS_WORDS

#: What columns are called in exports of no known system, the most telling name first.
_DEAL_LABELS = {
    "id": (
        "opportunityid", "dealid", "recordid", "id", "crmid", "opportunitynumber", "dealnumber",
        "externalid",
    ),
    "name": (
        "opportunityname", "dealname", "dealtitle", "opportunity", "deal", "topic", "title", "name",
    ),
    "account_id": ("accountid", "companyid", "customerid", "organizationid", "clientid"),
    "account_name": (
        "accountname", "account", "companyname", "company", "customername", "customer",
        "organizationname", "organization", "organisation", "clientname", "client",
    ),
    "owner": (
        "opportunityowner", "dealowner", "ownername", "owner", "salesagent", "salesrep",
        "salesperson", "accountexecutive", "assignedto", "rep",
    ),
    "product": ("productname", "product", "productline"),
    "stage": ("stagename", "dealstage", "opportunitystage", "salesstage", "pipelinestage", "stage"),
    "pipeline": ("pipeline", "dealpipeline"),
    "status": ("status", "dealstatus", "opportunitystatus", "outcome"),
    "won": ("iswon", "won", "isclosedwon"),
    "closed": ("isclosed", "closed", "isdealclosed"),
    "amount": ("amount", "dealamount", "opportunityamount", "dealvalue", "value", "closevalue"),
    "currency": (
        "currencyisocode", "opportunitycurrency", "amountcurrency", "dealcurrency",
        "dealcurrencycode", "currencycode", "currency",
    ),
    "close_date": (
        "closedate", "closingdate", "expectedclosedate", "expectedclosingdate", "estclosedate",
        "estimatedclosedate",
    ),
    "closed_on": ("actualclosedate", "closedon", "closeddate", "closedtime", "dateclosed"),
    "won_on": ("wontime", "wondate", "wonon", "datewon"),
    "lost_on": ("losttime", "lostdate", "loston", "datelost"),
    "opened_on": (
        "createddate", "createdate", "createdon", "datecreated", "createdtime", "created",
        "opendate", "engagedate",
    ),
    "needed_by": ("neededby", "needby", "neededbydate"),
    "probability": ("probability", "dealprobability", "winprobability"),
    "lost_to": ("statusreason", "lostto"),
    "loss_reason": (
        "lossreason", "lostreason", "closedlostreason", "reasonlost", "reasonforloss",
    ),
    "deleted": ("isdeleted", "deleted"),
    "active": ("active", "isactive"),
}  # fmt: skip
#: The same in German, French, Spanish and Portuguese, as the systems above name them there.
_IN_OTHER_LANGUAGES = {
    "id": (
        "datensatzid", "iddelopportunité", "iddelaoportunidad",
        "iddaoportunidade", "iddelenregistrement", "iddetransaction", "iddelregistro",
        "iddoregistro",
    ),
    "name": (
        "nomdelopportunité", "nomdelatransaction",
        "nombredelaoportunidad", "nombredelnegocio", "nomedaoportunidade", "nomedonegócio",
    ),
    "account_name": (
        "firma", "kunde", "unternehmen", "nomducompte", "compte", "entreprise",
        "nombredelacuenta", "cuenta", "empresa", "nomedaconta", "conta",
    ),
    "owner": (
        "opportunityinhaber", "inhaber", "zuständigermitarbeiter", "dealinhaber",
        "propriétairedelopportunité", "propriétaire", "propietariodelaoportunidad",
        "propietario", "proprietáriodaoportunidade", "proprietário",
    ),
    "stage": (
        "phase", "dealphase", "opportunityphase", "étape", "phasedelatransaction", "etapa",
        "etapadelnegocio", "fase", "fasedonegócio",
    ),
    "amount": ("betrag", "montant", "importe", "valor", "quantia"),
    "currency": ("währung", "devise", "divisa", "moneda", "moeda"),
    "close_date": (
        "schlusstermin", "schlußtermin", "abschlussdatum", "datedeclôture", "datedefermeture",
        "fechadecierre", "datadefechamento",
    ),
    "opened_on": (
        "erstelldatum", "erstelltam", "datedecréation", "fechadecreación", "datadecriação",
    ),
    "probability": (
        "wahrscheinlichkeit", "probabilité", "probabilidad", "probabilidade",
    ),
    "loss_reason": ("verlustgrund", "motifdeperte", "motivodepérdida", "motivodaperda"),
}  # fmt: skip
_LABELS = {
    name: (*labels, *_IN_OTHER_LANGUAGES.get(name, ())) for name, labels in _DEAL_LABELS.items()
}
_ACCOUNT_LABELS = {
    "id": (
        "accountid", "donotmodifyaccount", "companyid", "organizationid", "customerid", "recordid",
        "id", "externalid",
    ),
    "name": (
        "accountname", "companyname", "organizationname", "customername", "name", "account",
        "company", "organization", "customer",
    ),
    "industry": ("industry", "sector", "accountindustry", "organizationindustry"),
    "region": (
        "billingcountry", "countryregion", "address1countryregion", "country",
        "organizationcountryofaddress", "officelocation", "region", "territory",
    ),
    "employees": (
        "numberofemployees", "noofemployees", "employees", "employeecount", "headcount",
    ),
    "revenue": ("annualrevenue", "revenue", "companyrevenue"),
    "deleted": ("isdeleted", "deleted"),
}  # fmt: skip

ACCOUNT_IDS = frozenset(_ACCOUNT_LABELS["id"])


@dataclass(frozen=True)
class Preset:
    name: str
    title: str
    #: Columns of the deals' file that, all present, give the export away.
    signs: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: What to add to an export that lacks ids.
    id_hint: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    several: str = ""
    revenue_unit: int = 1
    lost_zero_is_unknown: bool | None = None
    open_zero_is_unknown: bool | None = None
    #: Whether it names all fields that there are, so that none is looked for under usual names.
    complete: bool = False


def _signs(*each: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(words.split()) for words in each)


GENERIC = Preset("generic", "a file of no known system, by the names of its columns", ())
#: What `deals/export.py` writes.
OWN = Preset(
    "own",
    "this board's own list of deals",
    _signs("crmid accountscrmid amountinthefile"),
    own_files.DEALS.columns,
    ignored=own_files.DEALS.ignored,
    lost_zero_is_unknown=False,
    open_zero_is_unknown=False,
    complete=True,
)
PRESETS = (
    OWN,
    Preset(
        "maven",
        "Maven CRM sales opportunities",
        _signs("opportunityid salesagent engagedate closevalue dealstage"),
        {"opened_on": ("engagedate",), "amount": ("closevalue",), "owner": ("salesagent",)},
        stages={"engaging": OPEN, "prospecting": OPEN},
        revenue_unit=1_000_000,
        lost_zero_is_unknown=True,
    ),
    Preset(
        "dynamics",
        "Dynamics 365 Sales",
        _signs(
            "donotmodifyopportunity", "topic estrevenue", "opportunityid statecode",
            "topic potentialcustomer",
        ),
        {
            "id": ("donotmodifyopportunity", "opportunityid", "opportunity"),
            "name": ("topic", "name"),
            "account_name": ("potentialcustomer", "account", "customeridname", "accountname"),
            "status": ("status", "statecode"),
            "stage": ("stage", "pipelinephase", "salesstage", "statusreason", "status"),
            "amount": ("estrevenue", "estimatedvalue"),
            "won_amount": ("actualrevenue", "actualvalue"),
            "close_date": ("estclosedate", "estimatedclosedate"),
            "closed_on": ("actualclosedate",),
            "lost_to": ("statusreason",),
            "owner": ("owner", "owneridname", "ownerid"),
            "currency": ("currency", "transactioncurrencyid"),
        },
        id_hint="(Do Not Modify) Opportunity",
        statuses={"0": OPEN, "1": WON, "2": LOST},
        ignored=frozenset({"donotmodifyrowchecksum"}),
    ),
    Preset(
        "pipedrive",
        "Pipedrive",
        _signs("dealtitle dealstatus", "dealid dealstatus dealorganization"),
        {
            "id": ("dealid",),
            "name": ("dealtitle",),
            "account_id": ("dealorganizationid", "organizationid"),
            "account_name": ("dealorganization", "organizationname"),
            "owner": ("dealowner",),
            "product": ("dealproductname", "productname"),
            "stage": ("dealstage",),
            "pipeline": ("dealpipeline",),
            "status": ("dealstatus",),
            "amount": ("dealvalue",),
            "currency": ("dealcurrencyofvalue", "dealcurrency"),
            "close_date": ("dealexpectedclosedate",),
            "closed_on": ("dealdealclosedon", "dealclosedon"),
            "won_on": ("dealwontime",),
            "lost_on": ("deallosttime",),
            "opened_on": ("dealdealcreated", "dealcreated"),
            "probability": ("dealprobability", "dealdealprobability"),
            "loss_reason": ("deallostreason",),
        },
        id_hint="Deal - ID",
    ),
    Preset(
        "bitrix",
        "Bitrix24",
        _signs("title opportunity stageid", "title opportunity currencyid"),
        {
            "id": ("id",),
            "name": ("title",),
            "account_id": ("companyid",),
            "account_name": ("companytitle", "company"),
            "owner": ("assignedbyname", "assignedby", "responsible", "assignedbyid"),
            "stage": ("stageid", "stage"),
            "pipeline": ("categoryid",),
            "status": ("stagesemanticid",),
            "amount": ("opportunity",),
            "currency": ("currencyid",),
            "close_date": ("closedate",),
            "opened_on": ("begindate", "datecreate"),
        },
        id_hint="ID",
        stages={
            **dict.fromkeys(
                ("new", "preparation", "prepaymentinvoice", "executing", "finalinvoice"), OPEN
            ),
            "apology": LOST,
        },
        statuses={"p": OPEN, "s": WON, "f": LOST},
    ),
    Preset(
        "hubspot",
        "HubSpot",
        _signs(
            "recordid dealstage", "dealname dealstage pipeline", "dealname dealstage dealowner",
            "hsobjectid dealstage",
        ),
        {
            "id": ("recordid", "hsobjectid", "dealid"),
            "name": ("dealname",),
            "account_id": (
                "associatedcompanyidsprimary", "associatedcompanyids", "associatedcompanyid",
                "primaryassociatedcompanyid",
            ),
            "account_name": (
                "associatedcompanyprimary", "associatedcompany", "primaryassociatedcompany",
                "companyname",
            ),
            "owner": ("dealowner", "hubspotownerid"),
            "stage": ("dealstage",),
            "won": ("isclosedwon", "hsisclosedwon"),
            "closed": ("isdealclosed", "hsisclosed", "isclosed"),
            "close_date": ("closedate",),
            "opened_on": ("createdate",),
            "probability": ("dealprobability", "hsdealstageprobability"),
            "loss_reason": ("closedlostreason",),
        },
        id_hint="Record ID",
        # The stages of the pipeline that every HubSpot account begins with: names, internal names.
        stages=dict.fromkeys(
            (
                "appointmentscheduled", "qualifiedtobuy", "presentationscheduled",
                "decisionmakerboughtin", "contractsent",
            ),
            OPEN,
        ),
        several=";",
    ),
    Preset(
        "salesforce",
        "Salesforce, API names",
        _signs("stagename closedate", "id stagename"),
        {
            "id": ("id", "opportunityid"),
            "name": ("name",),
            "account_id": ("accountid",),
            "account_name": ("accountname",),
            "owner": ("ownername", "ownerid"),
            "stage": ("stagename",),
            "won": ("iswon",),
            "closed": ("isclosed",),
            "product": ("product2name", "product", "productname"),
        },
        id_hint="Id",
    ),
    Preset(
        "salesforce-report",
        "Salesforce report",
        _signs("opportunityname stage", "opportunityid stage closedate", "opportunityowner stage"),
        {
            "id": ("opportunityid", "opportunityid18", "casesafeid", "opportunitycasesafeid"),
            "name": ("opportunityname",),
            "account_id": ("accountid",),
            "account_name": ("accountname",),
            "owner": ("opportunityowner", "owner"),
            "stage": ("stage",),
            "won": ("won",),
            "closed": ("closed",),
            "currency": ("amountcurrency", "opportunitycurrency", "currency"),
        },
        id_hint="Opportunity ID",
    ),
)  # fmt: skip
BY_NAME = MappingProxyType({preset.name: preset for preset in (*PRESETS, GENERIC)})


def recognised(keys: frozenset[str]) -> Preset:
    """The export that these columns give away, or the generic one."""
    for preset in PRESETS:
        if any(signs <= keys for signs in preset.signs):
            return preset
    return GENERIC


def mapping(
    preset: Preset, keys: frozenset[str], added: frozenset[str] = frozenset()
) -> ImportMapping:
    """The preset's mapping of a deals' file with these columns; those that somebody `added` to the
    system come after its own. Fields that it does not place are looked for under usual names.
    """
    columns = {
        name: tuple(label for label in labels if label in keys)
        for name, labels in preset.columns.items()
    }
    taken = {label for labels in columns.values() for label in labels}
    for name, labels in _LABELS.items():
        if not columns.get(name) and not preset.complete:
            found = [label for label in labels if label in keys and label not in taken]
            found.sort(key=added.__contains__)
            columns[name] = tuple(found if name == "closed_on" else found[:1])
            taken.update(columns[name])
    return ImportMapping(
        preset=preset.name,
        deals=FileMapping(_present(columns), preset.ignored, preset.several),
        stages=MappingProxyType({**STATUS_WORDS, **preset.stages}),
        statuses=MappingProxyType({**STATUS_WORDS, **preset.statuses}),
        lost_to=LOST_TO_WORDS,
        revenue_unit=preset.revenue_unit,
        lost_zero_is_unknown=preset.lost_zero_is_unknown,
        open_zero_is_unknown=preset.open_zero_is_unknown,
        split_reasons=ONE if preset.complete else None,
    )


def with_accounts(
    mapped: ImportMapping, keys: frozenset[str], added: frozenset[str] = frozenset()
) -> ImportMapping:
    """The mapping with the columns of an accounts' file, by their usual names."""
    if own_files.is_accounts(keys):
        return replace(mapped, accounts=own_files.ACCOUNTS)
    columns = {}
    taken: set[str] = set()
    for name, labels in _ACCOUNT_LABELS.items():
        found = [label for label in labels if label in keys and label not in taken]
        found = sorted(found, key=added.__contains__)[:1]
        columns[name] = tuple(found)
        taken.update(found)
    return replace(mapped, accounts=FileMapping(_present(columns)))


def is_deals_header(keys: frozenset[str]) -> bool:
    """Whether a row of labels is a deals' header, and not a title above it."""
    if recognised(keys) is not GENERIC:
        return True
    found = mapping(GENERIC, keys).deals.columns
    return "id" in found and len(found) >= 3


def is_accounts_header(keys: frozenset[str]) -> bool:
    found = with_accounts(ImportMapping(), keys).accounts.columns
    return "name" in found and len(found) >= 2


def _present(columns: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: labels for name, labels in columns.items() if labels})
