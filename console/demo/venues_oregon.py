"""Two small venues of the demo that headquarters has open cases about; console.demo.headquarters says which."""

from __future__ import annotations

from console.demo.catalogue import VenuePlan, activity, slot

CEDAR = VenuePlan(
    name="Cedar Street Makers",
    slug="cedar-street-makers",
    category="building",
    tagline="Woodwork and electronics for curious hands.",
    street="418 Cedar Street",
    city="Portland",
    state="OR",
    postcode="97205",
    country="USA",
    latitude="45.52020000",
    longitude="-122.69240000",
    timezone="America/Los_Angeles",
    area_code="503",
    fee="17.50",
    score="71.00",
    families=14,
    rooms=(("Wood shop", 10), ("Electronics bench", 10)),
    activities=(
        activity("Birdhouse Builders", "building", (7, 10), 75, 2, 8, "Wood shop", "Omar", "Measure, saw."),
        activity(
            "Saw and Sand", "building", (8, 12), 90, 2, 8, "Wood shop", "Omar", "One thing to take home."
        ),
        activity("Joints", "building", (10, 14), 90, 3, 8, "Wood shop", "Omar", "Furniture without a screw."),
        activity(
            "First Circuits", "stem", (7, 10), 60, 2, 8, "Electronics bench", "Lena", "A lamp that blinks."
        ),
        activity(
            "Solder Club", "stem", (9, 14), 75, 2, 8, "Electronics bench", "Lena", "Hot irons, calm hands."
        ),
        activity(
            "Robot Pets", "stem", (8, 13), 90, 3, 8, "Electronics bench", "Lena", "They follow the light."
        ),
    ),
    slots=(
        slot("Birdhouse Builders", "25", "15:30"),
        slot("Saw and Sand", "13", "15:30"),
        slot("Joints", "4", "16:00"),
        slot("First Circuits", "14", "15:45"),
        slot("Solder Club", "35", "16:30"),
        slot("Robot Pets", "26", "13:00"),
    ),
)
"""Suspended, and asking to open again."""

BLUE_DOOR = VenuePlan(
    name="Blue Door Theatre",
    slug="blue-door-theatre",
    category="drama",
    tagline="Behind the door there is always a play.",
    street="77 Willamette Street",
    city="Eugene",
    state="OR",
    postcode="97401",
    country="USA",
    latitude="44.05210000",
    longitude="-123.09210000",
    timezone="America/Los_Angeles",
    area_code="541",
    fee="18.00",
    score="83.00",
    families=12,
    rooms=(("Stage", 20), ("Green room", 10)),
    activities=(
        activity(
            "Clown School", "drama", (6, 10), 60, 2, 10, "Green room", "Teo", "Falling down, on purpose."
        ),
        activity("Young Company", "drama", (9, 14), 90, 3, 14, "Stage", "Miriam", "One play a term."),
    ),
    slots=(slot("Clown School", "26", "15:30"), slot("Young Company", "14", "16:30")),
)
"""Open, in its yearly check."""
