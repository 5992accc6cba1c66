"""``./portal status``: how every part is doing, for people and for scripts."""

from __future__ import annotations

import json
import sys
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from ckanext.digitalcity.portal import ckan_app
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.settings import load
from ckanext.digitalcity.portal.supervise import State, Supervisor, strays

STOPPED_CODE, BROKEN_CODE = 3, 1  # 3 is what service managers say for "not running" (LSB)


def status(folders: Folders, *, as_json: bool) -> int:
    """Show it. Exit code 0: all parts run or are about to; 1: some part does not; 3: the portal is stopped."""
    settings = load(folders)
    supervisor = Supervisor(folders, settings)
    running = supervisor.is_running()
    states = supervisor.states() if running else []
    memory = sum(_memory(process) for process in strays(folders, settings)) if running else 0
    facts: dict[str, Any] = {
        "running": running,
        "address": ckan_app.site_url(settings) if "site" in settings.ports else None,
        "data": str(folders.root),
        "memory_mb": round(memory / 1e6),
        "external": sorted(settings.external),
        "parts": [vars(state) for state in states],
    }
    if as_json:
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    elif running:
        _show(facts, states)
    else:
        sys.stdout.write(f"The portal in {folders.root} is stopped. Start it with: ./portal up\n")
    if not running:
        return STOPPED_CODE
    return 0 if all(state.state in ("RUNNING", "STARTING") for state in states) else BROKEN_CODE


def _memory(process: psutil.Process) -> int:
    """Memory of one process in bytes, what it shares with others counted in part (PSS)."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def _show(facts: dict[str, Any], states: list[State]) -> None:
    table = Table("Part", "State", "Up for", "Restarts", "Last ended by itself")
    for state in states:
        style = "green" if state.state == "RUNNING" else "yellow" if state.state == "STARTING" else "bold red"
        table.add_row(
            state.name, f"[{style}]{state.state.lower()}[/]", _ago(state.since), str(state.restarts), state.last_exit
        )
    console = Console()
    console.print(table)
    for name in facts["external"]:
        console.print(f"{name}: not ours, used from elsewhere")
    console.print(f"Portal: {facts['address']}   Memory: {facts['memory_mb']} MB", highlight=False)
    console.print(f"Data: {facts['data']}", highlight=False)


def _ago(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s" if seconds else ""
