"""The families of the demo: the cast as written, and ordinary ones to fill every roster."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from console.demo import names
from console.demo.accounts import is_main
from console.demo.cast import FAMILIES, Kid, Kin, note
from console.demo.chance import Chance
from console.demo.world import Child, Parent, Pickup, Venue

CORPORATES = 6
GENEROUS = 0
"""The employer whose staff get the most credits: the cast works there, so that the script can be paid for."""

_HEALTH = (
    note(
        "allergy",
        1,
        "Tree nuts",
        "Tree nut allergy",
        "Pen in the backpack. Give it, call 911, then call home.",
    ),
    note(
        "allergy",
        1,
        "Peanut",
        "Peanut allergy",
        "Two pens in the red pouch. Give one, call 911, then call home.",
    ),
    note("allergy", 2, "Dairy", "Dairy allergy", "Brings own snack; nothing shared."),
    note("allergy", 2, "Penicillin", "Penicillin allergy", "Tell the ambulance."),
    note("medical", 2, "Asthma", "Asthma", "Inhaler in the side pocket; two puffs, then rest."),
    note("medical", 3, "Eczema", "Eczema", "Cream after hand washing."),
    note("dietary", 3, "Halal", "Eats halal", "Snacks from home."),
    note("dietary", 3, "Vegetarian", "Eats vegetarian", "No gelatine sweets."),
    note("support", 3, "New words", "Is learning English", "Short sentences, and show with your hands."),
)


def cast(venue: Venue, at: datetime, seed: int) -> dict[str, Child]:
    """The written families as parents and children of Riverside Studio, children by "parent/child"."""
    chance = Chance(seed, "cast")
    known: dict[str, Child] = {}
    for number, family in enumerate(FAMILIES):
        parent = Parent(
            chance.uuid(),
            family.parent,
            family.last,
            names.mail(family.parent, family.last, number),
            _line(venue, family.line),
            venue,
            GENEROUS,
            at,
        )
        venue.parents.append(parent)
        for kid in family.kids:
            child = Child(
                chance.uuid(),
                parent,
                kid.name,
                _born(kid, venue.today),
                list(kid.health),
                consent=kid.consent,
            )
            child.pickup = [
                _parent_collects(chance, parent, family.relationship),
                *(_kin(chance, venue, kin) for kin in family.kin),
            ]
            parent.children.append(child)
            known[f"{family.parent}/{kid.name}"] = child
    return known


def ordinary(venue: Venue, at: datetime, seed: int) -> None:
    """Add the venue's ordinary families: one to three children of the ages its activities are for."""
    chance = Chance(seed, f"families {venue.plan.slug}")
    offset = 1000 * (1 + len(venue.plan.slug))
    youngest = min(plan.min_months for plan in venue.plan.activities)
    oldest = max(plan.max_months for plan in venue.plan.activities)
    for number in range(venue.plan.families):
        first, last = chance.pick(names.PARENTS), chance.pick(names.SURNAMES)
        line = None if chance.chance(0.03) else chance.between(0, 99)
        parent = Parent(
            chance.uuid(),
            first,
            last,
            names.mail(first, last, offset + number),
            _line(venue, line),
            venue,
            chance.between(0, CORPORATES - 1),
            at,
        )
        venue.parents.append(parent)
        taken: set[str] = set()
        for _ in range(chance.weighted((1, 2, 3), (50, 40, 10))):
            name = chance.pick([each for each in chance.sample(names.CHILDREN, 4) if each not in taken])
            taken.add(name)
            months = chance.between(max(youngest, 6), oldest)
            born = venue.today - timedelta(days=round(months * 30.44) + chance.between(0, 29))
            child = Child(chance.uuid(), parent, name, born)
            child.health = chance.sample(_HEALTH, chance.weighted((0, 1, 2), (86, 12, 2)))
            child.pickup = _ordinary_pickup(chance, venue, parent)
            parent.children.append(child)
    if not is_main(venue.plan):
        return
    # One more kind of trouble for the roster: an ordinary child with a forbidden relative.
    child = venue.parents[-1].children[0]
    child.pickup.append(
        Pickup(chance.uuid(), "Gordon", "stepfather", None, may_collect=False, note="Ask the manager")
    )


def _born(kid: Kid, today: date) -> date:
    """The birthday that makes the child exactly `years`, `months` and `days` old today."""
    month_index = today.year * 12 + today.month - 1 - (kid.years * 12 + kid.months)
    year, month = divmod(month_index, 12)
    for day in range(today.day, today.day - 4, -1):
        try:
            return date(year, month + 1, day) - timedelta(days=kid.days)
        except ValueError:
            continue  # 31 April: the last day of that month will do
    raise ValueError("no such birthday")


def _line(venue: Venue, line: int | None) -> str | None:
    return None if line is None else f"({venue.plan.area_code}) 555-01{line:02d}"


def _parent_collects(chance: Chance, parent: Parent, relationship: str) -> Pickup:
    return Pickup(chance.uuid(), parent.first, relationship, parent.phone)


def _kin(chance: Chance, venue: Venue, kin: Kin) -> Pickup:
    return Pickup(
        chance.uuid(), kin.name, kin.relationship, _line(venue, kin.line), kin.may_collect, kin.note
    )


def _ordinary_pickup(chance: Chance, venue: Venue, parent: Parent) -> list[Pickup]:
    people = [_parent_collects(chance, parent, chance.pick(("mother", "father")))]
    if chance.chance(0.6):
        people.append(
            Pickup(
                chance.uuid(),
                chance.pick(names.PARENTS),
                chance.pick(("mother", "father")),
                names.phone(chance, venue.plan.area_code),
            )
        )
    if chance.chance(0.3):
        people.append(
            Pickup(
                chance.uuid(),
                chance.pick(names.PARENTS),
                chance.pick(names.RELATIVES),
                None,
                note=chance.pick((None, "Mondays", "if late", "Fridays")),
            )
        )
    return people
