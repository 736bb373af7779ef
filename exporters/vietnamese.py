"""What reports say in Vietnamese, with the terms of the portal."""

from __future__ import annotations

from exporters.language import Language

VIETNAMESE = Language("vi")
