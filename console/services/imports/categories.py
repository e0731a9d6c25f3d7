"""Which of our ten categories a publisher's section belongs to.

Decided once, here, from the publisher's own section and the first words of the title, and shown to the reader in
docs/guides/importing.md. What fits none of the ten gets no category: the activity then waits unpublished until a
person, or `--category`, gives it one.
"""

from __future__ import annotations

# First match wins. The title is looked at before the section, because "Arts - Drop-In" holds dance and music alike.
TITLE_STARTS = (
    ("dance", "dance"),
    ("music", "music"),
    ("amped", "music"),
    ("cooking", "cooking"),
    ("drama", "drama"),
    ("theatre", "drama"),
    ("computer", "stem"),
)
SECTION_STARTS = (
    ("arts - music", "music"),
    ("arts - dance", "dance"),
    ("arts - drama", "drama"),
    ("arts", "arts_crafts"),
    ("eys - arts", "arts_crafts"),
    ("eys - sports", "sports"),
    ("fitnessto", "sports"),
    ("reserve a spot - aquatic", "sports"),
    ("skate", "sports"),
    ("sports", "sports"),
    ("swim", "sports"),
    ("camps - sports", "sports"),
    ("camps - arts", "arts_crafts"),
    ("nature", "nature"),
)
SPORTS_SECTIONS = ("fitnessto", "reserve a spot", "skate", "sports", "swim", "eys - sports")


def category_of(section: str, title: str) -> str | None:
    """The category of a course of the City of Toronto, or None where none of the ten fits."""
    area, name = section.strip().casefold(), title.strip().casefold()
    if not area.startswith(SPORTS_SECTIONS):
        for start, category in TITLE_STARTS:
            if name.startswith(start):
                return category
    for start, category in SECTION_STARTS:
        if area.startswith(start):
            return category
    return None
