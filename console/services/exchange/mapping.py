"""Which column of a venue's own table holds which fact: guessed from headings and cells, and kept as JSON.

A guess is only ever shown, for a person to correct; what was corrected is remembered for tables of the same shape. See
docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from console.domain.exchange import FACT_COLUMNS, Columns, DayOrder, Kind, Sheet
from console.services.imports.tables import normalised

# What publishers call each fact, in the console's languages, as `normalised` writes headings. The first match wins.
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("activity", "activityname", "title", "coursetitle", "course", "class", "classname", "event", "summary",
              "subject", "session", "programme", "program", "name", "actividad", "clase", "curso", "занятие",
              "название"),
    "weekdays": ("weekdays", "weekday", "days", "daysoftheweek", "dayofweek", "dayoftheweek", "daysofweek", "dias",
                 "días", "díasdelasemana", "дни", "днинедели", "деньнедели"),
    "first": ("firstday", "first", "startdate", "datefrom", "from", "effectivefrom", "begins", "start", "fechainicio",
              "primerdía", "desde", "первыйдень", "датаначала", "с"),
    "last": ("lastday", "last", "enddate", "dateto", "until", "effectiveuntil", "ends", "to", "fechafin", "últimodía",
             "hasta", "последнийдень", "датаокончания", "по"),
    "day": ("day", "date", "sessiondate", "eventdate", "startdate", "fecha", "día", "dia", "дата", "день"),
    "start": ("start", "starttime", "begin", "timefrom", "time", "from", "horainicio", "hora", "inicio", "начало",
              "время"),
    "end": ("end", "endtime", "finish", "timeto", "to", "horafin", "fin", "конец", "окончание"),
    "minutes": ("minutes", "duration", "durationminutes", "length", "lengthminutes", "duración", "minutos",
                "длительность", "минут", "минуты"),
    "capacity": ("places", "capacity", "spots", "size", "maximum", "max", "maxcapacity", "plazas", "capacidad", "aforo",
                 "места", "мест"),
    "room": ("room", "studio", "location", "place", "hall", "space", "sala", "lugar", "зал", "комната", "помещение"),
    "instructor": ("instructor", "teacher", "coach", "leader", "trainer", "with", "profesor", "instructora", "monitor",
                   "преподаватель", "тренер", "инструктор"),
    "every_weeks": ("everysomanyweeks", "everyweeks", "interval", "cadacuántassemanas", "раздосемнедель"),
    "platform_places": ("platformplaces", "platformspots", "allocated"),
    "name": ("nameoftheseries", "seriesname", "schedulename", "nombredelaserie"),
    "skipped": ("noton", "except", "exceptions", "skipped", "excludes", "excepto", "кроме"),
    "state": ("state", "status", "estado", "статус", "состояние"),
    "id": ("id", "uid", "key", "reference", "code", "coursecode", "código", "код"),
    "activity_id": ("activityid",),
    "room_id": ("roomid",),
}  # fmt: skip
_NUMBERS = re.compile(r"([0-9]{1,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,4})")


def guess(sheet: Sheet) -> Columns:
    """What the columns of a table seem to be."""
    weekly = any(name in sheet.labels for name in _NAMES["weekdays"])
    single = any(
        name in sheet.labels for name in ("day", "date", "sessiondate", "eventdate", "fecha", "дата", "día")
    )
    kind: Kind = "series" if weekly and not single else "session"
    taken: set[str] = set()
    found: dict[str, str] = {}
    for fact in FACT_COLUMNS:
        if kind not in fact.kinds:
            continue
        for name in (normalised(fact.words), *_NAMES[fact.key]):
            if name in sheet.labels and name not in taken and _fits(sheet, name, fact.key):
                found[fact.key] = name
                taken.add(name)
                break
    return Columns(kind, found, _day_order(sheet, found))


def as_json(columns: Columns) -> dict[str, Any]:
    """Columns as they are kept."""
    return {"kind": columns.kind, "of": dict(columns.of), "days": columns.days}


def from_json(found: Mapping[str, Any], sheet: Sheet) -> Columns | None:
    """Columns as they were kept; None where they do not fit the table, whoever wrote them."""
    kind, of, days = found.get("kind"), found.get("of"), found.get("days")
    known = {one.key for one in FACT_COLUMNS}
    if kind not in ("series", "session") or days not in ("ymd", "dmy", "mdy") or not isinstance(of, Mapping):
        return None
    if not all(key in known and name in sheet.labels for key, name in of.items()):
        return None
    return Columns(kind, {str(key): str(name) for key, name in of.items()}, days)


def _fits(sheet: Sheet, name: str, key: str) -> bool:
    """Whether the cells can be what the heading says: "From" may be a day or a time, "Start" too."""
    sample = sheet.sample(name)
    if not sample:
        return True
    is_day = bool(_NUMBERS.match(sample)) or bool(
        re.match(r"[A-Za-z]{3,9}[-. ]+[0-9]{1,2}[-, ]+[0-9]{4}", sample)
    )
    if key in ("first", "last", "day"):
        return is_day
    if key in ("start", "end"):
        return not is_day
    return True


def _day_order(sheet: Sheet, found: Mapping[str, str]) -> DayOrder:
    """How days are written: where one number is above twelve, it says which is the day."""
    order: DayOrder = "dmy"
    for key in ("day", "first", "last"):
        for _, row in sheet.rows[:500]:
            match = _NUMBERS.match(row.get(found.get(key, ""), "").strip())
            if match is None:
                continue
            if len(match[1]) == 4:
                order = "ymd"
            elif int(match[1]) > 12:
                return "dmy"
            elif int(match[2]) > 12:
                return "mdy"
    return order
