"""Fire what is due: timers, and messages that other cases sent."""

from engine.firing.fire import (
    Firing,
    fire_case,
    fire_timers,
    hold_back,
    take_messages,
)

__all__ = ["Firing", "fire_case", "fire_timers", "hold_back", "take_messages"]
