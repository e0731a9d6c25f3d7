"""The ten open venues of the demo, Riverside Studio first."""

from __future__ import annotations

from console.demo.catalogue import VenuePlan, activity, slot
from console.demo.riverside import RIVERSIDE
from console.demo.venues_oregon import BLUE_DOOR, CEDAR

SWIM = VenuePlan(
    name="Harbor Lane Swim School",
    slug="harbor-lane-swim-school",
    category="sports",
    tagline="Warm water, small groups, first strokes.",
    street="40 Harbor Lane",
    city="Boston",
    state="MA",
    postcode="02210",
    country="USA",
    latitude="42.35190000",
    longitude="-71.04550000",
    timezone="America/New_York",
    area_code="617",
    fee="17.50",
    score="78.10",
    families=26,
    rooms=(("Teaching pool", 16), ("Deep pool", 12)),
    activities=(
        activity(
            "Water Babies", "sports", (0, 2), 30, 1, 8, "Teaching pool", "Lou", "Splash, float and sing."
        ),
        activity("Starfish", "sports", (3, 5), 30, 2, 8, "Teaching pool", "Lou", "Brave faces in the water."),
        activity(
            "Sea Otters", "sports", (5, 8), 45, 2, 10, "Teaching pool", "Pavel", "Front crawl and backstroke."
        ),
        activity(
            "Dolphins", "sports", (8, 13), 45, 2, 10, "Deep pool", "Pavel", "All strokes, dives and turns."
        ),
    ),
    slots=(
        slot("Water Babies", "24", "09:30"),
        slot("Starfish", "136", "15:30"),
        slot("Sea Otters", "135", "16:15"),
        slot("Dolphins", "26", "17:00"),
    ),
)

MAKER = VenuePlan(
    name="Brightbench Maker Lab",
    slug="brightbench-maker-lab",
    category="stem",
    tagline="Tools, wires and wild ideas.",
    street="905 Anvil Street",
    city="Austin",
    state="TX",
    postcode="78702",
    country="USA",
    latitude="30.26270000",
    longitude="-97.71980000",
    timezone="America/Chicago",
    area_code="512",
    fee="18.00",
    score="74.60",
    families=26,
    rooms=(("Workshop", 14), ("Studio", 12)),
    activities=(
        activity("Woodwork Basics", "building", (8, 13), 90, 3, 8, "Workshop", "Silas", "Saw, sand, join."),
        activity(
            "Circuit Crew", "stem", (7, 12), 75, 2, 10, "Studio", "Lena", "Lights, motors and a buzzer."
        ),
        activity(
            "Tinker Tots", "building", (3, 6), 45, 1, 10, "Studio", "Ines", "Ramps, gears and cardboard."
        ),
        activity(
            "Game Makers", "stem", (9, 14), 90, 2, 10, "Studio", "Lena", "From idea to a game that runs."
        ),
    ),
    slots=(
        slot("Tinker Tots", "2", "10:00"),
        slot("Circuit Crew", "24", "16:00"),
        slot("Woodwork Basics", "36", "15:30"),
        slot("Game Makers", "15", "17:00"),
    ),
)

FOREST = VenuePlan(
    name="Fern Hollow Forest School",
    slug="fern-hollow-forest-school",
    category="nature",
    tagline="Whole afternoons outdoors, in every weather.",
    street="2200 Fern Hollow Road",
    city="Boulder",
    state="CO",
    postcode="80302",
    country="USA",
    latitude="40.01500000",
    longitude="-105.29210000",
    timezone="America/Denver",
    area_code="303",
    fee="15.00",
    score="91.20",
    families=26,
    rooms=(("Base camp", 20), ("Creek", 16)),
    activities=(
        activity(
            "Mud and Moss", "nature", (3, 6), 120, 2, 12, "Creek", "Wren", "Puddles, bugs and a fire circle."
        ),
        activity(
            "Trail Finders", "nature", (6, 10), 180, 3, 14, "Base camp", "Jonas", "Maps, tracks and shelters."
        ),
        activity(
            "Fire and Knife", "nature", (9, 14), 150, 3, 10, "Base camp", "Wren", "Safe hands, sharp tools."
        ),
    ),
    slots=(
        slot("Mud and Moss", "24", "09:30"),
        slot("Trail Finders", "135", "14:00"),
        slot("Fire and Knife", "6", "10:00"),
    ),
)

DANCE = VenuePlan(
    name="Copper Street Dance Loft",
    slug="copper-street-dance-loft",
    category="dance",
    tagline="Everyone can dance; here is where you find out.",
    street="77 Copper Street",
    city="Phoenix",
    state="AZ",
    postcode="85004",
    country="USA",
    latitude="33.45150000",
    longitude="-112.06850000",
    timezone="America/Phoenix",
    area_code="602",
    fee="17.50",
    score="69.40",
    families=26,
    rooms=(("Loft", 24), ("Mirror room", 14)),
    activities=(
        activity(
            "Tap Beginners", "dance", (5, 9), 45, 2, 12, "Mirror room", "Nadia", "Loud shoes, clear rhythm."
        ),
        activity("Folklórico", "dance", (6, 12), 60, 2, 16, "Loft", "Carmen", "Skirts, steps and stories."),
        activity("Breakdance", "dance", (8, 14), 60, 2, 14, "Loft", "Dre", "Toprock, freezes and respect."),
        activity(
            "Creative Movement", "dance", (3, 5), 40, 1, 12, "Mirror room", "Nadia", "Be a leaf, be a lion."
        ),
    ),
    slots=(
        slot("Creative Movement", "26", "10:00"),
        slot("Tap Beginners", "24", "16:00"),
        slot("Folklórico", "35", "17:00"),
        slot("Breakdance", "16", "16:30"),
    ),
)

THEATRE = VenuePlan(
    name="Blue Lantern Youth Theatre",
    slug="blue-lantern-youth-theatre",
    category="drama",
    tagline="A stage, a script and somebody to be.",
    street="12 Lantern Yard",
    city="London",
    state="Greater London",
    postcode="SE1 9XX",
    country="United Kingdom",
    latitude="51.50410000",
    longitude="-0.09970000",
    timezone="Europe/London",
    area_code="202",
    fee="20.00",
    score="80.00",
    families=26,
    rooms=(("Stage", 30), ("Rehearsal room", 16)),
    activities=(
        activity("Improv Lab", "drama", (8, 13), 75, 2, 14, "Rehearsal room", "Priti", "Say yes, then see."),
        activity("Small Stage", "drama", (5, 8), 60, 2, 14, "Stage", "Owen", "Stories on their feet."),
        activity(
            "Musical Theatre", "drama", (9, 14), 120, 3, 20, "Stage", "Owen", "Sing it, act it, move it."
        ),
    ),
    slots=(
        slot("Small Stage", "26", "10:30"),
        slot("Improv Lab", "3", "17:00"),
        slot("Improv Lab", "6", "14:00"),
        slot("Musical Theatre", "15", "17:30"),
    ),
)

MUSIC = VenuePlan(
    name="Quarter Note Music Rooms",
    slug="quarter-note-music-rooms",
    category="music",
    tagline="Instruments to borrow, teachers to keep.",
    street="3300 N Quarter Street",
    city="Chicago",
    state="IL",
    postcode="60618",
    country="USA",
    latitude="41.94150000",
    longitude="-87.70310000",
    timezone="America/Chicago",
    area_code="312",
    fee="16.00",
    score="86.70",
    families=26,
    rooms=(("Hall", 20), ("Room 1", 6), ("Room 2", 6)),
    activities=(
        activity(
            "Ukulele Circle", "music", (6, 11), 45, 2, 10, "Hall", "Kalani", "Three chords, twenty songs."
        ),
        activity("Drum Corps", "music", (8, 14), 60, 2, 12, "Hall", "Marcus", "Rudiments and big noise."),
        activity("Piano Pairs", "music", (5, 12), 40, 3, 4, "Room 1", "Sofie", "Two at one keyboard."),
        activity("Music Together", "music", (0, 4), 45, 1, 12, "Hall", "Kalani", "Grown-ups sing too."),
    ),
    slots=(
        slot("Music Together", "35", "10:00"),
        slot("Piano Pairs", "124", "15:45"),
        slot("Ukulele Circle", "26", "16:30"),
        slot("Drum Corps", "36", "17:30"),
    ),
)

CLIMBING = VenuePlan(
    name="Summit Kids Climbing",
    slug="summit-kids-climbing",
    category="sports",
    tagline="Up is easier with a friend on the rope.",
    street="215 Kapena Street",
    city="Honolulu",
    state="HI",
    postcode="96817",
    country="USA",
    latitude="21.32010000",
    longitude="-157.85640000",
    timezone="Pacific/Honolulu",
    area_code="808",
    fee="17.50",
    score="47.00",
    families=26,
    rooms=(("Main wall", 20), ("Boulder cave", 12)),
    activities=(
        activity(
            "First Holds", "sports", (4, 7), 45, 2, 10, "Boulder cave", "Keoni", "Low walls, soft floor."
        ),
        activity(
            "Wall Rats", "sports", (7, 11), 75, 2, 12, "Main wall", "Malia", "Knots, belays and top ropes."
        ),
        activity(
            "Junior Lead", "sports", (10, 14), 90, 3, 8, "Main wall", "Malia", "Clipping, falling and trust."
        ),
    ),
    slots=(
        slot("First Holds", "26", "10:00"),
        slot("Wall Rats", "135", "15:30"),
        slot("Junior Lead", "46", "16:30"),
    ),
)

VENUES = (RIVERSIDE, SWIM, MAKER, FOREST, DANCE, THEATRE, MUSIC, CLIMBING, CEDAR, BLUE_DOOR)
