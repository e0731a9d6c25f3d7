"""The families that a screen must cope with, written out by hand.

The generator fills most rosters with ordinary families; these are the ones that matter: two children of one name, a
grave allergy, somebody who may not collect, a name no keyboard here can type. console.demo.today seats them.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.demo.world import HealthNote


@dataclass(frozen=True, slots=True)
class Kin:
    """Somebody on a child's pickup list beside the parent who books; `line` is the last two digits of the phone."""

    name: str
    relationship: str
    line: int | None = None
    note: str | None = None
    may_collect: bool = True


@dataclass(frozen=True, slots=True)
class Kid:
    """A child of the cast: age today in years and months (and days, for a birthday), and visits so far."""

    name: str
    years: int
    months: int
    visits: int = 6
    health: tuple[HealthNote, ...] = ()
    days: int = 11
    consent: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """A parent of the cast with children; `line` is the last two digits of the phone, None for no phone at all."""

    parent: str
    last: str
    relationship: str
    line: int | None
    kids: tuple[Kid, ...]
    kin: tuple[Kin, ...] = ()


def note(kind: str, severity: int, label: str, title: str, instructions: str) -> HealthNote:
    """A health note, in the order in which the card shows it."""
    return HealthNote(kind, severity, label, title, instructions)


PEANUT = note(
    "allergy",
    1,
    "Peanut",
    "Peanut allergy",
    "Adrenaline pen: blue backpack, front pocket. Give it first, then dial 911, then ring Dana.",
)
ASTHMA = note("medical", 2, "Asthma", "Asthma", "Two puffs of the blue inhaler before running games.")
EGG = note("allergy", 1, "Egg", "Egg allergy", "Nothing baked from the kitchen. Antihistamine is in his bag.")
BEES = note(
    "allergy",
    1,
    "Bee stings",
    "Allergy to bee stings",
    "Pen is with the desk. Call 911 even if he feels fine.",
)
MILK = note(
    "allergy",
    1,
    "Milk",
    "Milk allergy",
    "Eats only what she brings. Antihistamine syrup: desk, second drawer.",
)
SESAME = note("allergy", 2, "Sesame", "Sesame allergy", "No hummus, no halva; wash hands after snacks.")
DIABETES = note(
    "medical",
    1,
    "Diabetes",
    "Type 1 diabetes",
    "Checks her sugar at the start. Below 70: juice from the red pouch, then call Ffion.",
)
LATEX = note("allergy", 2, "Latex", "Latex allergy", "No balloons and no rubber gloves near her.")
COELIAC = note("dietary", 3, "Gluten", "Coeliac disease", "Gluten-free snacks are in her lunch box.")
EPILEPSY = note(
    "medical", 1, "Epilepsy", "Epilepsy", "Longer than five minutes: rescue medicine in the office safe, 911."
)
HEARING = note(
    "support", 3, "Hearing aid", "Wears hearing aids", "Face him when you speak; aids come out for water."
)
AUTISM = note(
    "support", 3, "Quiet space", "Needs a quiet space", "Ear defenders in the bag. Give two minutes' warning."
)
VEGAN = note("dietary", 3, "Vegan", "Eats vegan", "No gelatine sweets.")

# Junior Judo: the roster that the front desk works on.
JUDO = (
    Family("Ngozi", "Okoro", "mother", 21, (Kid("Amara", 8, 2, 18),)),
    Family(
        "Lindiwe",
        "Dube",
        "mother",
        13,
        (Kid("Ava", 7, 1, 31, (MILK,)),),
        (Kin("Sipho", "uncle", None, "today"), Kin("Grace", "neighbour", 66)),
    ),
    Family("Joana", "Moreira", "mother", 34, (Kid("Beatriz", 6, 6, 4),)),
    Family("Ruth", "Adler", "mother", 47, (Kid("Caleb", 9, 3, 22),)),
    Family("Marie", "Lambert", "mother", 52, (Kid("Ethan", 7, 8, 9),)),
    Family("Adaeze", "Eze", "mother", 18, (Kid("Femi", 6, 4, 7, (EGG,)),)),
    Family("Yuki", "Arai", "father", 70, (Kid("Hana", 8, 0, 15),)),
    Family("Sofia", "Marin", "mother", 29, (Kid("Iris", 9, 1, 0),)),
    Family("Naomi", "Fujita", "mother", 81, (Kid("Kenji", 8, 7, 11),)),
    Family("Rachel", "Stein", "mother", 38, (Kid("Leo", 7, 3, 13, (BEES,)),)),
    Family("Tomasz", "Wrona", "father", 63, (Kid("Leo", 9, 5, 8),)),
    Family("Delroy", "Grant", "father", 90, (Kid("Marlon", 8, 9, 20),), (Kin("Rose", "grandmother", 91),)),
    Family(
        "Dana",
        "Mensah",
        "mother",
        42,
        (Kid("Nia", 7, 4, 12, (PEANUT, ASTHMA)), Kid("Kofi", 10, 2, 9)),
        (
            Kin("Marcus", "father", 78),
            Kin("Rose", "grandmother", None, "Thursdays"),
            Kin("Terrence", "uncle", None, "Court order on file", may_collect=False),
        ),
    ),
    Family("Grace", "Whitfield", "mother", 55, (Kid("Oliver", 6, 10, 5),)),
    Family("Anil", "Menon", "father", 60, (Kid("Priya", 8, 4, 16),)),
    Family("Claire", "Dubois", "mother", 74, (Kid("Theo", 6, 2, 3),)),
)

# The other sessions of the day: one case each, or several.
OTHERS = (
    Family(
        "Gabriela",
        "Ríos",
        "mother",
        12,
        (Kid("Mateo", 10, 1, 14), Kid("Lucía", 8, 3, 14), Kid("Inés", 7, 1, 6)),
        (Kin("Javier", "father", 15),),
    ),
    Family("Signe", "Holm", "mother", 17, (Kid("Ingrid", 9, 0, 10, days=0),)),
    Family("Ffion", "Rees", "mother", 26, (Kid("Wren", 10, 6, 17, (DIABETES, LATEX, COELIAC)),)),
    Family("Bilal", "Aziz", "father", None, (Kid("Sami", 8, 5, 4),)),
    Family("Katrin", "Vogel", "mother", 31, (Kid("Felix", 9, 8, 2),)),
    Family(
        "Persephone",
        "Papadimitriou-Featherstonehaugh",
        "mother",
        36,
        (Kid("Maximiliana-Theodora Wilhelmina", 9, 4, 6), Kid("Konstantinos-Alexandros", 8, 2, 6)),
        (Kin("Great-aunt Hippolyta Papadimitriou-Featherstonehaugh", "great-aunt on her mother's side", 37),),
    ),
    Family("Kiri", "Ngata", "mother", 39, (Kid("Te Ao-mārama", 8, 11, 7),)),
    Family("Shauna", "O'Rourke", "mother", 41, (Kid("D'Arcy", 9, 9, 3), Kid("Saoirse", 8, 1, 1))),
    Family("Hala", "Darwish", "mother", 44, (Kid("Noor", 8, 6, 8, (SESAME,)),)),
    Family("Nasreen", "Chowdhury", "mother", 46, (Kid("Ada", 7, 7, 5, consent=False),)),
    Family("Айсулуу", "Токтогулова", "mother", 48, (Kid("Айгүл", 9, 2, 11), Kid("Өмүрбек", 11, 5, 11))),
    Family("Ирина", "Соколова", "mother", 50, (Kid("Дмитрий", 8, 10, 9),)),
    Family("王芳", "王", "mother", 51, (Kid("小明", 9, 6, 12),)),
    Family("مريم", "الخطيب", "mother", 53, (Kid("ليلى", 10, 3, 5, (EPILEPSY,)),)),
    Family("Małgorzata", "Żółć", "mother", 56, (Kid("Łucja", 11, 1, 13),)),
    Family("Freja", "Sørensen", "mother", 58, (Kid("Åse", 10, 7, 4, (HEARING,)),)),
    Family("Imogen", "Blythe", "mother", 62, (Kid("Rosalind", 12, 2, 99),)),
    Family(
        "Teodora",
        "Petrescu",
        "mother",
        65,
        (Kid("Ilinca", 4, 5, 6, (VEGAN,)), Kid("Radu", 8, 0, 3, (AUTISM,))),
    ),
)

FAMILIES = JUDO + OTHERS
