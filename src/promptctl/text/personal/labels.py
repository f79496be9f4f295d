"""What the words before a number say it is."""

from __future__ import annotations

import re

_GAP = r"[\s:#\"'=()-]{0,4}"
_NUMBER = rf"(?:no|nr|num|number|id|code|nummer|numéro|número|numero)\b[.]?{_GAP}"
# Words that make a row of digits the number of a thing, not of a person, a card or an account.
_THING = re.compile(
    r"(?i)(?:\b(?:orders?|tracking|shipment|parcel|package|invoice|ticket|reservation|imei|serial|sku|asin|isbn|issn|ean|"
    r"upc|gtin|barcode|seed|timestamp|doi|arxiv|patent|version|build|commit|revision|bestell\w*|sendung\w*|rechnung\w*|"
    r"auftrag\w*|artikel\w*|commande|facture|pedido|factura|ordine|fattura)\b|#)"
    rf"{_GAP}(?:{_NUMBER}){{0,2}}(?:(?:is|was|of)\b{_GAP})?$"
)
# The number of a customer is one thing, a customer's number another.
_NUMBERED = re.compile(
    r"(?i)\b(?:shipping|ref|reference|case|customer|booking|confirmation|transaction|model|part|product|article|item|vin|"
    rf"kunden\w*|client){_GAP}{_NUMBER}(?:{_NUMBER})?(?:(?:is|was)\b{_GAP})?$"
)
_ID = re.compile(rf"(?i)(?:\b|_)(?:uu|gu)?id\b{_GAP}(?:{_NUMBER})?$")
_REACH = 40


def names_a_thing(before: str) -> bool:
    """Whether the text before a number ends in the label of an order, a part, a version, ..."""
    near = before[-_REACH:]
    return _THING.search(near) is not None or _NUMBERED.search(near) is not None


def names_an_id(before: str) -> bool:
    """Whether the text before a number ends in `id`: of a record rather than of a card."""
    return _ID.search(before[-_REACH:]) is not None
