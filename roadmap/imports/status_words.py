"""What CRMs call open, won and lost in the languages of their columns, and to whom deals are lost.
Words are plain: lower case, letters and digits."""

from __future__ import annotations

from types import MappingProxyType

from roadmap.domain.deals import LOST, OPEN, WON

_COMPETITOR, _NO_DECISION = "competitor", "no decision"

#: Of statuses and of stages; others are renamed by every company, and asked about.
STATUS_WORDS = MappingProxyType(
    {
        word: status
        for status, words in {
            OPEN: "open inprogress offen inbearbeitung ouvert ouverte encours abierto abierta "
            "encurso aberto aberta emaberto emandamento aperto aperta incorso öppen pågående åben "
            "igang åpen pågår avoin otwarta otwarte wtoku otevřeno otevřená",
            WON: "won closedwon gewonnen abgeschlossenundgewonnen abgeschlossengewonnen "
            "geschlossengewonnen geschlossenundgewonnen gagné gagnée fermégagné ferméegagnée "
            "clôturéegagnée clôturégagné conclue ganado ganada cierreganado cerradaganada "
            "cerradoganado ganho ganha fechadoganho fechadaganha fechadoeganho vinto vinta "
            "chiusovinto chiusavinta geslotengewonnen vunnen vunnet stängdvunnen vundet "
            "lukketvundet voitettu wygrana wygrane wygrany vyhráno vyhraná",
            LOST: "lost closedlost lose verloren abgeschlossenundverloren abgeschlossenverloren "
            "geschlossenverloren geschlossenundverloren perdu perdue ferméperdu ferméeperdue "
            "clôturéeperdue clôturéperdu perdido perdida cierreperdido cerradaperdida "
            "cerradoperdido fechadoperdido fechadaperdida fechadoeperdido perso persa chiusoperso "
            "chiusapersa geslotenverloren förlorad förlorat stängdförlorad tabt lukkettabt tapt "
            "hävitty menetetty przegrana przegrane przegrany prohráno prohraná",
        }.items()
        for word in words.split()
    }
)
LOST_TO_WORDS = MappingProxyType(
    {
        "outsold": _COMPETITOR, "competitor": _COMPETITOR, "competition": _COMPETITOR,
        "losttocompetitor": _COMPETITOR, "losttocompetition": _COMPETITOR,
        "canceled": _NO_DECISION, "cancelled": _NO_DECISION, "nodecision": _NO_DECISION,
        "nodecisionnonresponsive": _NO_DECISION, "nobudgetlostfunding": _NO_DECISION,
    }
)  # fmt: skip
