"""Within supervisord: a part that it has given up is tried again for as long as it takes, with a pause before each try.

What a part lacked, such as its database or room on the disk, may be back at any time, and nobody need be there then.
"""

from __future__ import annotations

import time
from typing import Any

from supervisor import events
from supervisor.states import ProcessStates, SupervisorStates


def interface(supervisord: Any, seconds: str) -> object:
    """Makes an interface without functions: supervisord calls this once, at its start, and that is what we want.

    Args:
        seconds: the least time from one try to the next; it is looked at every five seconds.
    """
    pause = float(seconds)
    events.subscribe(events.Tick5Event, lambda _: _try_again(supervisord, pause))
    return object()


def _try_again(supervisord: Any, pause: float) -> None:
    if supervisord.options.mood <= SupervisorStates.RESTARTING:
        return  # it is about to end
    for group in supervisord.process_groups.values():
        for process in group.processes.values():
            if process.get_state() == ProcessStates.FATAL and time.time() - process.laststart >= pause:
                process.backoff = process.config.startretries  # so this is one try, not a row of them
                process.spawn()
