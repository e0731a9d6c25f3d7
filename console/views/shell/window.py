"""The window: it holds the rail, the status bar, the toast and the palette, and knows nothing of what pages
do.

The composition root fills it: `set_areas` and `set_person` after a sign-in, `show_full` for the pages
before it. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.permissions import Permission
from console.views.preferences import Preferences
from console.views.shell.areas import (
    Action,
    ActionRegistry,
    Area,
    HasActionBar,
    HasActions,
    allowed_areas,
    spoken_keys,
)
from console.views.shell.marks import draw_mark
from console.views.shell.rail import Rail
from console.views.shell.statusbar import StatusBar
from console.views.theme import ThemeHub
from console.views.widgets.focus import FocusRing, tab_in_order, take_lead

if TYPE_CHECKING:
    from console.domain.venue_file import Announcement
    from console.views.announcements.strip import AnnouncementStrip
    from console.views.shell.palette import Palette
    from console.views.shell.palette_list import PaletteEntry
    from console.views.shell.shortcuts import ShortcutsSheet
    from console.views.widgets.toast import ToastHost

_RAIL_FROM = 1280
_VENUES = "venues"
PRODUCT = "Nexus Console"


class ShellWindow(QWidget):
    """The one window of the console."""

    lock_requested = Signal()
    sign_out_requested = Signal()
    help_requested = Signal()
    closing = Signal()
    area_shown = Signal(str)
    find_failed = Signal(object)
    """A source of the palette's records failed with a ConsoleError; the palette has already said so."""
    announcement_put_away = Signal(object)
    """The id of the announcement that the person has read."""

    def __init__(self, hub: ThemeHub, clock: Clock, preferences: Preferences | None = None) -> None:
        """A window without areas, of the default size; what a person prefers is read from `preferences`."""
        super().__init__()
        self.hub = hub
        self._preferences = preferences
        self.setWindowTitle(PRODUCT)
        self.setWindowIcon(_window_icon(hub))
        self.setMinimumSize(*hub.theme.tokens.data["size"]["windowMinimum"])
        self.resize(*hub.theme.tokens.data["size"]["windowDefault"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QHBoxLayout()
        body.setSpacing(0)
        self.rail = Rail(hub)
        self._pages = QStackedWidget()
        body.addWidget(self.rail)
        self._over_pages = QVBoxLayout()
        self._over_pages.setSpacing(0)
        self._over_pages.addWidget(self._pages, 1)
        body.addLayout(self._over_pages, 1)
        column.addLayout(body, 1)
        self.status = StatusBar(hub, clock)
        column.addWidget(self.status)
        self._areas: dict[str, Area] = {}
        self._made: dict[str, QWidget] = {}
        self._page_keys: tuple[str, ...] = ()
        self._venue_name = ""
        self._wants_collapsed = preferences.rail_collapsed if preferences else False
        self.actions_registry = ActionRegistry(self)
        # What the sign-in page does not show is made when it is first wanted: the window is there sooner.
        self._palette: Palette | None = None
        self._toasts: ToastHost | None = None
        self._strip: AnnouncementStrip | None = None
        self._ring = FocusRing(hub, self)
        self._menu: QMenu | None = None
        self._sheet: ShortcutsSheet | None = None
        self.rail.area_chosen.connect(self.open_area)
        self.rail.find_pressed.connect(self.open_palette)
        self.rail.shortcuts_pressed.connect(self.show_shortcuts)
        self.rail.help_pressed.connect(self.help_requested)
        self.rail.lock_pressed.connect(self.lock_requested)
        self.rail.person_pressed.connect(self._open_menu)
        self.rail.head_pressed.connect(self.show_venues)
        self.rail.hide()
        self._register_own()
        self.actions_registry.changed.connect(self._venues_changed)

    @property
    def palette_box(self) -> Palette:
        """The palette over this window."""
        if self._palette is None:
            from console.views.shell.palette import Palette

            self._palette = Palette(self.hub, self, self._preferences)
            self._palette.add_source(self._find_actions)
            self._palette.failed.connect(self.find_failed)
        return self._palette

    @property
    def toasts(self) -> ToastHost:
        """Where toasts appear."""
        if self._toasts is None:
            from console.views.widgets.toast import ToastHost

            foot = self.hub.theme.size("statusBar")
            self._toasts = ToastHost(self.hub, self, foot=foot, bar=self._action_bar_height)
        return self._toasts

    # -- what the composition root says ----------------------------------------------------------------------

    def set_venue(self, name: str, zone: str, detail: str = PRODUCT) -> None:
        """Say where this is, at the head of the rail and in the status bar."""
        self._venue_name = name
        self.rail.show_venue(name, detail)
        self.status.set_venue(name, zone)

    def set_person(self, name: str, detail: str = "", *, desk: str = "", initials: str = "") -> None:
        """Say who is signed in; an empty name means nobody. `detail` is the role and the desk."""
        self.rail.show_person(name, detail, initials or name[:1].upper())
        if name:
            self.status.set_person(f"{name} at {desk}" if desk else f"{name}, {detail}" if detail else name)
        else:
            self.status.set_person(f"Not signed in · {desk}" if desk else "Not signed in")

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas on offer, in their order."""
        return tuple(self._areas.values())

    def set_areas(self, areas: Sequence[Area], permissions: frozenset[Permission] | None = None) -> None:
        """Offer these areas (with `permissions`, only the allowed ones) and forget pages made before."""
        shown = tuple(areas) if permissions is None else allowed_areas(areas, permissions)
        self._clear_overlays()
        for page in self._made.values():
            self._drop(page)
        self._made.clear()
        for key in self._areas:
            self.actions_registry.remove(f"area:{key}")
        self._areas = {area.key: area for area in shown}
        self.rail.set_areas(shown)
        for number, area in enumerate(shown, start=1):
            self.actions_registry.add(
                Action(
                    f"area:{area.key}",
                    area.title,
                    partial(self.open_area, area.key),
                    keys=f"Ctrl+{number}" if number <= 9 else "",
                    icon=area.icon,
                    group="Areas",
                )
            )

    def open_area(self, key: str) -> None:
        """Show an area, made on its first visit. Raises KeyError where it is not offered."""
        area = self._areas[key]
        if key not in self._made:
            self._made[key] = area.factory()
        self.rail.choose(key)
        self.show_page(self._made[key])
        self.setWindowTitle(f"{area.title} – {PRODUCT}")
        self.area_shown.emit(key)

    def show_page(self, page: QWidget) -> None:
        """Show a page beside the rail."""
        self.rail.show()
        self.actions_registry.set_enabled(True)
        self._show(page)

    def show_full(self, page: QWidget) -> None:
        """Show a page without the rail: sign-in, connect."""
        self.rail.hide()
        self.show_announcement(None)
        self.actions_registry.set_enabled(False)
        if self._palette is not None:
            self._palette.close()
        if self._sheet is not None:
            self._sheet.close()
        if self._toasts is not None:
            self._toasts.dismiss()
        self.setWindowTitle(PRODUCT)
        self._show(page)

    def _clear_overlays(self) -> None:
        """What a page asked lies over the window, with children's names: it goes with the page."""
        from console.views.widgets.dialog import QuestionDialog
        from console.views.widgets.sheet import Sheet

        if self._sheet is not None:
            self._sheet.close()
        for sheet in self.findChildren(Sheet):
            sheet.close()
        for question in self.findChildren(QuestionDialog):
            question.dismiss()

    @property
    def shortcuts_sheet(self) -> ShortcutsSheet | None:
        """The sheet of keys while it is open."""
        return self._sheet

    @property
    def area(self) -> str:
        """The key of the area on show; empty before the rail."""
        page = self.page()
        return next((key for key, made in self._made.items() if made is page), "")

    def page(self) -> QWidget | None:
        """The page on show."""
        return self._pages.currentWidget()

    def toast(
        self,
        text: str,
        detail: str = "",
        *,
        undo: Callable[[], object] | None = None,
        icon: str | None = None,
    ) -> None:
        """Say what succeeded, with a way to take it back; a second line of `text` is its detail."""
        if not detail:
            text, _, detail = text.partition("\n")
        self.toasts.show(text, detail, undo=undo, icon=icon)

    def show_announcement(self, announcement: Announcement | None, place: int = 1, of: int = 1) -> None:
        """Show what headquarters tells over the page, one of several at a time; None: nothing."""
        if announcement is None:
            if self._strip is not None and not self._strip.isHidden():
                focused, page = QApplication.focusWidget(), self.page()
                self._strip.hide()
                if focused is not None and page is not None and self._strip.isAncestorOf(focused):
                    page.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self._strip is None:
            from console.views.announcements.strip import AnnouncementStrip

            self._strip = AnnouncementStrip(self.hub, self)
            self._strip.put_away.connect(self.announcement_put_away)
            self._over_pages.insertWidget(0, self._strip)
            tab_in_order(self.rail, self._strip)
        self._strip.show_announcement(announcement, place, of)
        self._strip.show()

    @property
    def announcement_strip(self) -> AnnouncementStrip | None:
        """The strip over the page, once there was one."""
        return self._strip

    # -- what the person does --------------------------------------------------------------------------------

    def toggle_rail(self) -> None:
        """Collapse or widen the rail, and remember it."""
        self._wants_collapsed = not self.rail.collapsed
        if self._preferences is not None:
            self._preferences.rail_collapsed = self._wants_collapsed
        self._fit()

    def toggle_mode(self) -> None:
        """Switch between light and dark, and remember it."""
        self.hub.toggle()
        if self._preferences is not None:
            self._preferences.mode = self.hub.mode

    def open_palette(self) -> None:
        """Find or do."""
        self.palette_box.open()

    def show_shortcuts(self) -> None:
        """Show which keys do what; a second time, put them away."""
        if self._sheet is not None:
            self._sheet.close()
            return
        from console.views.shell.shortcuts import ShortcutsSheet

        self._sheet = ShortcutsSheet(self.hub, self, self.actions_registry.actions)
        self._sheet.closed.connect(self._sheet_closed)
        self._sheet.open()

    def show_venues(self) -> None:
        """Offer the other venues of a person who works at several; for the others the rail changes its width."""
        others = self._venue_actions()
        if not others:
            self.toggle_rail()
            return
        from console.views.shell.palette_list import PaletteEntry

        entries = [
            PaletteEntry("Venues", one.title, one.run, one.icon, one.detail, "", one.key) for one in others
        ]
        self.palette_box.open_choices(self._venue_name, "Find a venue", entries)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Collapse the rail in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window goes; what runs is ended by whoever started it."""
        event.accept()
        self.closing.emit()

    def sizeHint(self) -> QSize:
        """The default size of the design."""
        return QSize(*self.hub.theme.tokens.data["size"]["windowDefault"])

    def person_menu(self) -> QMenu:
        """What the person can do about themselves and this window."""
        menu = QMenu(self)
        icon = partial(self.hub.theme.icon, color="text.secondary")
        dark = self.hub.mode == "dark"
        menu.addAction(icon("ph.sun" if dark else "ph.moon"), "Light" if dark else "Dark", self.toggle_mode)
        wide = "Widen the rail" if self.rail.collapsed else "Collapse the rail"
        menu.addAction(icon("ph.columns"), wide, self.toggle_rail)
        menu.addAction(icon("ph.keyboard"), "Shortcuts", self.show_shortcuts)
        menu.addSeparator()
        menu.addAction(icon("ph.lock-simple"), "Lock this desk", self.lock_requested.emit)
        menu.addAction(icon("ph.sign-out"), "Sign out", self.sign_out_requested.emit)
        return menu

    # -- own parts -------------------------------------------------------------------------------------------

    def _register_own(self) -> None:
        self.actions_registry.add(
            Action("find", "Find or do", self.open_palette, "Ctrl+K", "ph.magnifying-glass"),
            Action("shortcuts", "Shortcuts", self.show_shortcuts, "F1", "ph.keyboard"),
            Action("shortcuts.more", "Shortcuts", self.show_shortcuts, "Ctrl+/", listed=False),
            Action("shortcuts.again", "Shortcuts", self.show_shortcuts, "?", listed=False),
            Action("mode", "Switch between light and dark", self.toggle_mode, "Ctrl+Shift+D", "ph.moon"),
            Action("rail", "Collapse or widen the rail", self.toggle_rail, "Ctrl+B", "ph.columns"),
            Action("lock", "Lock this desk", self.lock_requested.emit, "Ctrl+L", "ph.lock-simple"),
            Action("sign_out", "Sign out", self.sign_out_requested.emit, "", "ph.sign-out"),
        )

    def _find_actions(self, question: str) -> list[PaletteEntry]:
        from console.models import finder
        from console.views.shell.palette_list import PaletteEntry

        wanted, only_actions = question.removeprefix(">"), question.startswith(">")
        found = []
        for action in self.actions_registry.actions:
            kind = action.key.partition(":")[0]
            group = {"area": "Areas", "venue": "Venues"}.get(kind, "Actions")
            if action.key == "find" or not (action.listed and action.offered):
                continue
            if (only_actions and group != "Actions") or finder.match(
                wanted, action.title, action.detail
            ) is None:
                continue
            keys = spoken_keys(action.keys)
            found.append(
                PaletteEntry(group, action.title, action.run, action.icon, action.detail, keys, action.key)
            )
        return found

    def _venue_actions(self) -> list[Action]:
        return [action for action in self.actions_registry.actions if action.key.startswith("venue:")]

    def _venues_changed(self) -> None:
        several = bool(self._venue_actions())
        self.rail.show_several(several)
        listed = any(action.key == _VENUES for action in self.actions_registry.actions)
        if several and not listed:
            self.actions_registry.add(
                Action(_VENUES, "Change the venue", self.show_venues, "Ctrl+Shift+V", "ph.buildings")
            )
        elif listed and not several:
            self.actions_registry.remove(_VENUES)

    def _open_menu(self) -> None:
        self._menu = self.person_menu()
        corner = self.rail.person_button.mapToGlobal(QPoint(0, 0))
        self._menu.popup(corner - QPoint(0, self._menu.sizeHint().height() + 4))

    def _action_bar_height(self) -> int:
        # What the page has at the bottom right to press: a toast may not lie over it.
        page: object = self.page()
        bar = page.action_bar if isinstance(page, HasActionBar) else None
        return bar.height() if bar is not None and bar.isVisible() else 0

    def page_actions_changed(self) -> None:
        """The page on show offers other keys than before."""
        page = self.page()
        if page is not None:
            self._offer_keys(page)

    def _offer_keys(self, page: QWidget) -> None:
        self.actions_registry.remove(*self._page_keys)
        offered = page.page_actions if isinstance(page, HasActions) else ()
        self._page_keys = tuple(action.key for action in offered)
        self.actions_registry.add(*offered)

    def _show(self, page: QWidget) -> None:
        self._offer_keys(page)
        new = self._pages.indexOf(page) < 0
        if new:
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        if new and take_lead(page):
            return  # the stack gave the keyboard to whatever comes first in the order of Tab
        focused = QApplication.focusWidget()
        if focused is None or not page.isAncestorOf(focused):
            # A page that has a field of its own takes it from here by its focus proxy.
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _sheet_closed(self) -> None:
        self._sheet = None

    def _drop(self, page: QWidget) -> None:
        if self._pages.indexOf(page) >= 0:
            self._pages.removeWidget(page)
        page.deleteLater()

    def _fit(self) -> None:
        collapsed = self._wants_collapsed or self.width() < _RAIL_FROM
        if collapsed != self.rail.collapsed:
            self.rail.set_collapsed(collapsed)


def _window_icon(hub: ThemeHub) -> QIcon:
    icon = QIcon()
    for edge in (16, 32, 64):
        pixmap = QPixmap(edge, edge)
        pixmap.fill(hub.theme.color("accent.fill"))
        painter = QPainter(pixmap)
        draw_mark(painter, hub, QRectF(0, 0, edge, edge))
        painter.end()
        icon.addPixmap(pixmap)
    return icon
