"""The local engine: runs a blueprint on asyncio."""
