"""Names for the people of the demo: a city's mix, not one culture's list.

Telephone numbers come from the range 555-0100 to 555-0199 and mail addresses from example.com, both reserved for
fiction, so that no demo can ever reach a real person.
"""

from __future__ import annotations

import unicodedata

from console.demo.chance import Chance


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CHILDREN = _words(
    """
    Aaliyah Aaron Abel Adele Aiden Aisha Alba Alma Amir Ana Anders Anika Anouk Ari Arlo Astrid Aurora Bastian
    Beau Bea Ben Bianca Bo Bruno Camila Carmen Cassius Cecilia Chidi Clara Cleo Cyrus Dahlia Dario Delia Diego
    Dov Edith Eero Eleni Elias Elif Elsa Emil Emre Enzo Esme Esther Eva Ezra Farah Fatou Finn Flora Freya
    Gabriel Gia Greta Gus Halima Hazel Henry Hugo Idris Ilse Imani Inez Isaac Isla Ivo Jamal Jana Jasper Joaquin
    Jonah Joy Juno Kai Kamila Karim Keiko Kiran Lark Leila Lena Levi Liam Lila Linus Lola Lucia Luka Mae Maeve
    Malik Manu Mara Marek Mateus Matilda Maya Mei Milo Mina Mira Mohamed Naima Nadia Nico Nils Nora Octavia Odin
    Olga Omar Orla Oscar Otis Paloma Pascal Pearl Petra Phoebe Pia Quinn Rafael Rahel Ravi Remy Rhea River Roman
    Ronja Rosa Ruben Ruby Rumi Sadie Salma Samir Sana Sasha Selma Seth Silas Simone Sol Stella Sunny Suri Talia
    Tariq Tess Thandi Thea Tilda Tobias Uma Umar Vera Vikram Viola Walter Wanda Willa Xavier Yara Yuna Yusuf
    Zainab Zara Zeno Zora
    """
)

PARENTS = _words(
    """
    Abena Adriana Agnes Ahmed Akira Alejandro Alice Amina Andre Angela Anita Anton Asha Beatrice Bogdan Brigid
    Carla Carlos Charlotte Christine Colin Dalia Daniel Deepa Denise Dmitri Eduardo Eileen Ekaterina Emeka Emily
    Erik Esra Fabian Felicia Fiona Francesca Georgia Gideon Hanna Hassan Helen Ibrahim Ida Ingrid Irina Jacob
    Jasmine Joel Johanna Jorge Julia Kavita Keith Khadija Laura Leticia Li Linda Lorenzo Louise Magda Malcolm
    Mariam Marta Matthias Mei-Ling Michael Miriam Monique Nadine Nasrin Natalia Neil Ngoc Nina Olivia Paolo
    Patrick Paula Rachid Rebecca Renata Robert Roya Samuel Sandra Sergio Shirin Simon Sunita Susan Tamara Thomas
    Valentina Vanessa Victor Wei Yolanda Zofia
    """
)

SURNAMES = _words(
    """
    Abara Ahmadi Alvarez Andersson Bakker Banerjee Barros Becker Bell Boateng Brandt Brooks Campos Carter Chen
    Cohen Cole Costa Dahl Diallo Dimitrov Duarte Eriksen Farouk Fischer Flores Foster Gallagher Garcia Gupta
    Haddad Hansen Hayes Hoang Ivanova Jensen Kaplan Kaya Keller Khan Kim Kowalski Kumar Larsen Lee Lopez Mbeki
    Mendoza Meyer Mori Murphy Nakamura Nguyen Novak Okafor Olsen Osei Park Patel Pereira Petrov Quispe Ramos
    Reyes Rossi Saleh Santos Sato Schmidt Shah Silva Singh Sokolov Tanaka Taylor Torres Tran Usman Varga Walker
    Weber Wong Yilmaz Young Zhang
    """
)

RELATIVES = ("grandmother", "grandfather", "aunt", "uncle", "neighbour", "nanny", "family friend")


def phone(chance: Chance, area: str) -> str:
    """A telephone number in the range kept for fiction, with the venue's area code ("(503) 555-0142")."""
    return f"({area}) 555-01{chance.between(0, 99):02d}"


def mail(first: str, last: str, number: int) -> str:
    """An address at example.com that no two people of the demo share, whatever script the name is written in."""
    return f"{_plain(first)}.{_plain(last)}.{number}@example.com"


def _plain(name: str) -> str:
    """The name in lower-case ASCII letters; "family" where none is left of it."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalpha()) or "family"
