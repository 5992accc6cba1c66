"""When sources run: plans the next run, and starts what is due or was abandoned."""

from __future__ import annotations

from datetime import datetime

from ckan import model

from ckanext.digitalcity import config, health, labels
from ckanext.digitalcity.core import blackout
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.core.schedule import parse
from ckanext.digitalcity.harvest import ledger, outbox, preview_work, retention
from ckanext.digitalcity.harvest.together import catch_up
from ckanext.digitalcity.model import Source, now


def plan(source: Source) -> None:
    """Sets when the source runs next, if it is not paused. Runs that were missed are caught up by one."""
    recipe = recipes.read(source.recipe, name=source.name) if source.recipe else None
    if recipe is None or not recipe.schedule or source.paused:
        source.next_run = None
    else:
        source.next_run = _after(now(), recipe)


def planned(source: Source, number: int = 3) -> tuple[str, list[datetime]]:
    """A source's schedule as its recipe has it, and when it runs next: so many times, or never."""
    first = [source.next_run] if source.next_run else []
    try:
        recipe = recipes.read(source.recipe, name=source.name) if source.recipe else None
        if recipe is None or not recipe.schedule:
            return "", first
        times = first
        while first and len(times) < number:
            times = [*times, _after(max(times[-1], now()), recipe)]
    except RecipeError:  # of an older version of the portal
        return "", first
    return recipe.schedule, times


def _after(moment: datetime, recipe: Recipe) -> datetime:
    due = parse(recipe.schedule).next_spread(moment, config.time_zone(), recipe.name)
    windows = blackout.parse(recipe.blackout) if recipe.blackout else ()
    return blackout.after(due, windows, config.time_zone())


def tick() -> dict[str, int]:
    """Starts due sources, gives abandoned runs to a worker, and looks at labels that change with time. Commits.

    Safe to call from several machines at once, and as often as one likes.
    """
    from ckanext.digitalcity.gate import worker as uploads
    from ckanext.digitalcity.harvest.worker import enqueue

    health.ticked()
    catch_up()
    resumed = ledger.abandoned()
    started = []
    for source in ledger.due():
        try:
            plan(source)
        except RecipeError as wrong:  # one bad recipe must not stop the others
            source.next_run, source.last_message = None, str(wrong)
            source.failing_since = source.failing_since or now()
            model.Session.commit()
        else:
            started.append(ledger.open_run(source, "schedule").id)
    for run_id in resumed:
        enqueue(run_id, again=True)
    for run_id in started:
        enqueue(run_id)
    woken = len(resumed) + uploads.resume() + preview_work.resume()
    return {
        "started": len(started),
        "resumed": woken,
        "relabelled": labels.relabel_due(),
        "sent": outbox.deliver(),
        "forgotten": retention.clear(),
        "swept": retention.sweep(),
    }
