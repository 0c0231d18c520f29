"""The nouns of incident response as frozen values. No I/O, no asyncio, no clock: `now` is passed in."""
