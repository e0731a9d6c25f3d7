"""The tour of the background jobs: before any ran, after all of them did, asked for again, and the mail."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene
from console.worker.queue import Worker
from console.worker.registry import JOBS


@step("jobs", "no worker", role="platform_admin")
async def no_worker(scene: Scene) -> None:
    """Before a worker was ever started: what to do."""
    await scene.enter_as("platform_admin")
    scene.window.open_area("jobs")
    await scene.settle(0.4)


@step("jobs", "all", role="platform_admin")
async def every_job(scene: Scene) -> None:
    """Every job after a round of the worker; the mail is left alone, because its server is not the tour's."""
    here = [job for job in JOBS if isinstance(job.does, str)]
    await Worker(scene.copy.worker, jobs=here).run_once()
    await scene.key(Qt.Key.Key_F5)
    await scene.settle(0.4)


@step("jobs", "asked for", role="platform_admin")
async def asked_for(scene: Scene) -> None:
    """One that waits for a worker."""
    await scene.key(Qt.Key.Key_F, ctrl=True)
    await scene.key(Qt.Key.Key_Down, times=2)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("jobs", "mail", role="platform_admin")
async def mail(scene: Scene) -> None:
    """How much mail is where, and what is stuck."""
    scene.window.toasts.dismiss()
    await scene.key(Qt.Key.Key_2, alt=True)
    await scene.settle(0.4)
