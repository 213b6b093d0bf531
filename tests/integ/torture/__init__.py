"""What RFC 4475 and RFC 5118 put before a SIP implementation (message.py)."""
from torture.message import DROP, MESSAGES
from torture import valid, invalid, meant, ipv6  # each adds its own
